-- create: bytes of a document that have come.
insert into knowledge.upload_parts (organization_id, partial_upload_id, start_byte, checksum, file_size)
values (%(organization_id)s, %(partial_upload_id)s, %(start_byte)s, %(checksum)s, %(file_size)s);

-- select_checksums: the parts of a document that have come, in order.
select checksum from knowledge.upload_parts
where organization_id = %(organization_id)s and partial_upload_id = %(partial_upload_id)s
order by start_byte;

-- remove_all: the parts of these documents are needed no more.
delete from knowledge.upload_parts
where organization_id = %(organization_id)s and partial_upload_id = any (%(partial_upload_ids)s)
returning checksum;
