-- Which stored bytes are named by a row? What the object store holds beside these is swept away when it is old enough.
-- Whatever keeps bytes by their checksum adds its own `union all` here.
create or replace view knowledge.named_objects with (security_invoker = true) as
select organization_id, checksum, file_size
from knowledge.document_versions
union all
select organization_id, checksum, file_size
from knowledge.uploads
union all
select organization_id, checksum, file_size
from knowledge.upload_parts;
alter view knowledge.named_objects owner to millrace_owner;
grant select on knowledge.named_objects to millrace_pipeline;
comment on view knowledge.named_objects is 'The checksums of stored bytes that a row still needs; one row for each that names them.';
