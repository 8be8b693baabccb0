-- What models cost for a million tokens, and from which day until which.
create or replace view analytics.model_prices with (security_invoker = true) as
select p.organization_id, p.model, nullif(p.since, '-infinity') as since,
       lead(p.since) over (partition by p.organization_id, p.model order by p.since) as until, p.input, p.output
from identity.model_prices p;
alter view analytics.model_prices owner to millrace_owner;
grant select on analytics.model_prices to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.model_prices is $$What models cost, did and will: each price, and the days (of UTC) on which it holds. Whatever is asked of a model is paid by the price of its day, and never reckoned anew.
Example: what holds today:
select model, input, output from analytics.model_prices
where coalesce(since <= current_date, true) and coalesce(until > current_date, true);$$;
comment on column analytics.model_prices.organization_id is 'Whose it is.';
comment on column analytics.model_prices.model is 'The model.';
comment on column analytics.model_prices.since is 'The first day on which it holds; null: from the beginning.';
comment on column analytics.model_prices.until is 'The first day on which it holds no more, since another one does; null where none follows.';
comment on column analytics.model_prices.input is 'What a million tokens cost that it reads, in the currency of the budget.';
comment on column analytics.model_prices.output is 'What a million tokens cost that it speaks.';
