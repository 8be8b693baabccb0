-- lock: the budget, which nobody else counts against until the transaction ends.
select organization_id from identity.budgets
where organization_id = %(organization_id)s
for update;

-- find: the budget of this month, what was approved in addition, and what was spent.
select b.amount, b.currency, b.action,
       (select coalesce(sum(a.amount), 0) from identity.budget_approvals a
        where a.organization_id = %(organization_id)s and a.created_at >= date_trunc('month', now(), 'UTC')) as approved,
       (select coalesce(sum(e.cost), 0) from identity.expenses e
        where e.organization_id = %(organization_id)s and e.created_at >= date_trunc('month', now(), 'UTC')) as spent
from identity.budgets b
where b.organization_id = %(organization_id)s;

-- replace: what may be spent in a month from now on.
insert into identity.budgets (organization_id, amount, currency, action)
values (%(organization_id)s, %(amount)s, %(currency)s, %(action)s)
on conflict (organization_id) do update
set amount = excluded.amount, currency = excluded.currency, action = excluded.action;

-- remove: nothing bounds what is spent.
delete from identity.budgets where organization_id = %(organization_id)s;

-- approve: more may be spent in this month.
insert into identity.budget_approvals (organization_id, amount, approved_by)
values (%(organization_id)s, %(amount)s, %(approved_by)s);

-- get_approval: one approval.
select id, amount, approved_by, created_at from identity.budget_approvals
where organization_id = %(organization_id)s and id = %(id)s;

-- select_approvals: what was approved, in a month or ever, by one or anybody, after one or from an end.
select id, amount, approved_by, created_at from identity.budget_approvals
where organization_id = %(organization_id)s
  and (%(month)s::date is null or created_at >= date_trunc('month', %(month)s::date::timestamp) at time zone 'UTC'
       and created_at < (date_trunc('month', %(month)s::date::timestamp) + interval '1 month') at time zone 'UTC')
  and (%(approved_by)s::text is null or approved_by = %(approved_by)s)
  and (%(after_at)s::timestamptz is null
       or case when %(oldest_first)s::boolean then (created_at, id) > (%(after_at)s, %(after_id)s::uuid)
               else (created_at, id) < (%(after_at)s, %(after_id)s::uuid) end)
order by case when %(oldest_first)s::boolean then created_at end, case when %(oldest_first)s::boolean then id end,
    created_at desc, id desc
limit %(at_most)s;

-- select_held_models: where all of this month's budget is spent, the models that cost something today; else none.
select p.model
from (
    select distinct on (model) model, input, output from identity.model_prices
    where organization_id = %(organization_id)s and since <= (now() at time zone 'UTC')::date
    order by model, since desc
) p
where (p.input > 0 or p.output > 0)
  and exists (
      select from identity.budgets b
      where b.organization_id = %(organization_id)s
        and b.amount
          + (select coalesce(sum(a.amount), 0) from identity.budget_approvals a
             where a.organization_id = %(organization_id)s and a.created_at >= date_trunc('month', now(), 'UTC'))
         <= (select coalesce(sum(e.cost), 0) from identity.expenses e
             where e.organization_id = %(organization_id)s and e.created_at >= date_trunc('month', now(), 'UTC'))
  );
