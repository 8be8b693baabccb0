-- Prices by day: a price holds from a day on until the next one, so that a change of price loses none.

set local role millrace_owner;

-- Prices that were set before there were days hold from the beginning: since when they did is not known, and the day of
-- their row would leave the days before it without any.
alter table identity.model_prices
    add column id uuid not null default gen_random_uuid(),
    add column since date not null default '-infinity',
    drop constraint model_prices_pkey,
    add primary key (organization_id, id),
    add unique (organization_id, model, since);
alter table identity.model_prices alter column since drop default;
comment on table identity.model_prices is
    'What an organization pays for a million tokens that a model reads (input) and speaks (output), in the currency of its budget: on a day of UTC, the latest price whose since is not after it. What was paid by one is not reckoned anew.';
comment on column identity.model_prices.since is 'The first day of UTC on which it holds; -infinity: from the beginning.';

grant select (organization_id, id, model, since, input, output) on identity.model_prices to millrace_analyst;
create policy analyst on identity.model_prices as restrictive for select to millrace_analyst
    using (organization_id = (select identity.organization_of_analyst()));
