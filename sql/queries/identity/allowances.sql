-- take: count one question against each of these limits; a limit without a row in the answer is used up.
insert into identity.allowances as a (organization_id, subject_id, span_s, most, busy_until)
select %(organization_id)s, w.subject_id, w.span_s, w.most,
    clock_timestamp() + make_interval(secs => floor(1e6 * w.span_s / w.most) / 1e6)
from unnest(%(subject_ids)s::uuid[], %(spans_s)s::integer[], %(mosts)s::integer[]) w (subject_id, span_s, most)
order by w.subject_id, w.span_s
on conflict (organization_id, subject_id, span_s) do update
set most = excluded.most,
    busy_until = greatest(a.busy_until, clock_timestamp())
        + make_interval(secs => floor(1e6 * excluded.span_s / excluded.most) / 1e6)
where greatest(a.busy_until, clock_timestamp())
        + make_interval(secs => floor(1e6 * excluded.span_s / excluded.most) / 1e6)
        <= clock_timestamp() + make_interval(secs => excluded.span_s)
returning subject_id, span_s, most, extract(epoch from busy_until - clock_timestamp())::double precision as busy_s;

-- select_of: how much is used of the limits of these subjects.
select subject_id, span_s, most,
    greatest(extract(epoch from busy_until - clock_timestamp()), 0)::double precision as busy_s
from identity.allowances
where organization_id = %(organization_id)s and subject_id = any (%(subject_ids)s)
order by subject_id, span_s;

-- remove_idle: forget what is not used up any more.
delete from identity.allowances
where organization_id = %(organization_id)s and busy_until < clock_timestamp() - interval '1 day';
