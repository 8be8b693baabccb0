-- select_read_otherwise: some documents of a kind whose newest version was read by another parser than this.
select d.id, d.source_title, v.checksum, v.file_size, v.valid_from is not null as is_ready
from knowledge.documents d
cross join lateral (
    select n.checksum, n.file_size, n.parser, n.valid_from
    from knowledge.document_versions n
    where n.organization_id = %(organization_id)s and n.document_id = d.id
    order by n.number desc
    limit 1
) v
where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
  and d.file_type_id = %(file_type_id)s and d.soft_deleted_at is null and v.parser <> %(parser)s
order by d.file_path
limit %(at_most)s;
