-- bury: a path that must not come back. What is erased stays so; several contents of a path add up.
insert into knowledge.tombstones as t
    (organization_id, data_source_id, kind, path_hash, content_hashes, state_hash)
values (%(organization_id)s, %(data_source_id)s, %(kind)s, %(path_hash)s, %(content_hashes)s, %(state_hash)s)
on conflict (organization_id, data_source_id, path_hash) do update
set kind = case when t.kind = 'erased' then t.kind else excluded.kind end,
    content_hashes = array(select unnest(t.content_hashes) union select unnest(excluded.content_hashes)),
    state_hash = excluded.state_hash;

-- select_of_source: what stays out of a source.
select kind, path_hash, content_hashes, state_hash
from knowledge.tombstones
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s;

-- select_of: what stands in the way of these paths and contents of a source.
select kind, path_hash, content_hashes, state_hash
from knowledge.tombstones
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
  and (path_hash = any (%(path_hashes)s::bytea[])
       or (kind = 'erased' and content_hashes && %(content_hashes)s::bytea[]));

-- set_state: the listing of an expired item that was looked at again.
update knowledge.tombstones set state_hash = %(state_hash)s
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and path_hash = %(path_hash)s
  and kind = 'expired';

-- lift: a path may come back.
delete from knowledge.tombstones
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and path_hash = %(path_hash)s
  and kind = %(kind)s
returning id;

-- count: how many paths are kept out.
select count(*) from knowledge.tombstones
where organization_id = %(organization_id)s and kind = %(kind)s;
