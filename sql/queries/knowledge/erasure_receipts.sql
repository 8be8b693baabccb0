-- lock: one transaction at a time adds to an organization's chain.
select pg_advisory_xact_lock(hashtextextended('knowledge.erasure_receipts of ' || %(organization_id)s::uuid, 0));

-- get_head: what the next receipt follows, and the time it bears.
select coalesce(last.number, 0), coalesce(last.hash, %(beginning)s::text), clock_timestamp()
from (select) always
left join lateral (
    select number, hash from knowledge.erasure_receipts
    where organization_id = %(organization_id)s
    order by number desc
    limit 1
) last on true;

-- create: a receipt, at the end of the chain.
insert into knowledge.erasure_receipts
    (organization_id, number, erasure_id, kind, target_id, target_hash, row_counts, object_count, object_bytes,
     requested_by, reason, created_at, previous_hash, hash)
values
    (%(organization_id)s, %(number)s, %(erasure_id)s, %(kind)s, %(target_id)s, %(target_hash)s, %(row_counts)s,
     %(object_count)s, %(object_bytes)s, %(requested_by)s, %(reason)s, %(created_at)s, %(previous_hash)s, %(hash)s);

-- select_all: the receipts of an organization, the first one first.
select number, erasure_id, kind, target_id, target_hash, row_counts, object_count, object_bytes, requested_by, reason,
    created_at, previous_hash, hash
from knowledge.erasure_receipts
where organization_id = %(organization_id)s
order by number;
