-- select_unnamed: of these checksums, those that no row names.
select wanted.checksum
from unnest(%(checksums)s::text[]) wanted (checksum)
where not exists (
    select from knowledge.named_objects named
    where named.organization_id = %(organization_id)s and named.checksum = wanted.checksum);
