-- create: what a model is, or was, asked for.
insert into identity.expenses (organization_id, kind, model, tokens, cost, is_settled)
values (%(organization_id)s, %(kind)s, %(model)s, %(tokens)s, %(cost)s, %(is_settled)s)
returning id;

-- record: what a model took; whoever answers may not read it back.
insert into identity.expenses (organization_id, kind, model, tokens, cost, is_settled)
values (%(organization_id)s, %(kind)s, %(model)s, %(tokens)s, %(cost)s, true);

-- settle: the work is stored that these were reserved for.
update identity.expenses set is_settled = true
where organization_id = %(organization_id)s and id = any (%(ids)s);

-- correct: what was reserved took this in the end, and its work is stored.
update identity.expenses set tokens = %(tokens)s, cost = %(cost)s, is_settled = true
where organization_id = %(organization_id)s and id = %(id)s;

-- release: the model gave nothing for what was reserved.
delete from identity.expenses
where organization_id = %(organization_id)s and id = %(id)s and not is_settled;

-- select_of_month: what was spent in this month, by what for and by model.
select kind, model, sum(tokens)::bigint as tokens, sum(cost) as cost,
       coalesce(sum(tokens) filter (where cost is null), 0)::bigint as unpriced_tokens,
       coalesce(sum(cost) filter (where not is_settled), 0) as reserved
from identity.expenses
where organization_id = %(organization_id)s and created_at >= date_trunc('month', now(), 'UTC')
group by kind, model
order by kind, model;

-- select_by_month: what was spent in each month before this one, by what for and by model; the latest first.
select date_trunc('month', created_at, 'UTC') as month, kind, model, sum(tokens)::bigint as tokens, sum(cost) as cost
from identity.expenses
where organization_id = %(organization_id)s and created_at < date_trunc('month', now(), 'UTC')
group by month, kind, model
order by month desc, kind, model
limit %(at_most)s;

-- sum_up: of what is settled, a row remains for each kind and model of days, or months, that ended so long ago.
with each as (
    select id, count(*) over alike as expenses
    from identity.expenses
    where organization_id = %(organization_id)s and is_settled
      and created_at < date_trunc(%(period)s::text, now() - make_interval(days => %(days)s), 'UTC')
    window alike as (partition by date_trunc(%(period)s::text, created_at, 'UTC'), kind, model, cost is null)
),
gone as (
    delete from identity.expenses e
    using each
    where e.organization_id = %(organization_id)s and e.id = each.id and each.expenses > 1
    returning e.kind, e.model, e.tokens, e.cost, date_trunc(%(period)s::text, e.created_at, 'UTC') as period
),
kept as (
    insert into identity.expenses (organization_id, kind, model, tokens, cost, is_settled, created_at)
    select %(organization_id)s, kind, model, sum(tokens)::bigint, sum(cost), true, period
    from gone
    group by kind, model, period, cost is null
)
select count(*) from gone;
