-- What each day cost, by what for: as budgets count it.
create or replace view analytics.daily_expenses with (security_invoker = true) as
select e.organization_id, (e.created_at at time zone 'UTC')::date as day, e.kind, e.model,
       sum(e.tokens)::bigint as tokens, sum(e.cost) as cost,
       coalesce(sum(e.tokens) filter (where e.cost is null), 0)::bigint as unpriced_tokens,
       coalesce(sum(e.cost) filter (where not e.is_settled), 0) as reserved
from identity.expenses e
group by e.organization_id, (e.created_at at time zone 'UTC')::date, e.kind, e.model;
alter view analytics.daily_expenses owner to millrace_owner;
grant select on analytics.daily_expenses to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_expenses is $$What models were asked money for, by day, what for, and model: this is what budgets count. Months that ended 400 days ago stand on their first day.
Example: what is spent beside answers:
select kind, sum(cost) from analytics.daily_expenses where kind <> 'answer' and day >= current_date - 30 group by kind;$$;
comment on column analytics.daily_expenses.organization_id is 'Whose it is.';
comment on column analytics.daily_expenses.day is 'The day of UTC.';
comment on column analytics.daily_expenses.kind is 'answer, embedding (of documents), or questions (that are generated for question sets).';
comment on column analytics.daily_expenses.model is 'The model that was asked.';
comment on column analytics.daily_expenses.tokens is 'What it read and spoke.';
comment on column analytics.daily_expenses.cost is 'In the currency of the prices; null where the model has no price.';
comment on column analytics.daily_expenses.unpriced_tokens is 'Tokens of models without a price.';
comment on column analytics.daily_expenses.reserved is 'The part of the cost that was set aside for work which is under way, or was lost.';
