-- find: what a model costs on a day, today without one: the latest price that does not begin after it.
select model, input, output from identity.model_prices
where organization_id = %(organization_id)s and model = %(model)s
  and since <= coalesce(%(day)s::date, (now() at time zone 'UTC')::date)
order by since desc
limit 1;

-- select_page: prices by model and day, from an end or after one; one alone by its id, those of a model or state only.
with each as (
    select p.id, p.model, p.since, p.input, p.output,
           case when p.since > d.today then 'coming'
                when p.since = max(p.since) filter (where p.since <= d.today) over (partition by p.model) then 'current'
                else 'past' end as state
    from identity.model_prices p, (select (now() at time zone 'UTC')::date as today) d
    where p.organization_id = %(organization_id)s and (%(model)s::text is null or p.model = %(model)s)
)
select id, model, nullif(since, '-infinity') as since, input, output, state
from each e
where (%(id)s::uuid is null or id = %(id)s)
  and (%(state)s::text is null or state = %(state)s)
  and (%(after_model)s::text is null
       or case when %(backwards)s::boolean then (model, since) < (%(after_model)s, coalesce(%(after_since)s::date, '-infinity'))
               else (model, since) > (%(after_model)s, coalesce(%(after_since)s::date, '-infinity')) end)
order by case when %(backwards)s::boolean then model end desc, case when %(backwards)s::boolean then since end desc,
    e.model, e.since
limit %(at_most)s;

-- create: what a model costs from a day on.
insert into identity.model_prices (organization_id, model, since, input, output)
values (%(organization_id)s, %(model)s, %(since)s, %(input)s, %(output)s)
returning id;

-- replace: what a model costs from a day on, in place of the price from that very day.
insert into identity.model_prices (organization_id, model, since, input, output)
values (%(organization_id)s, %(model)s, %(since)s, %(input)s, %(output)s)
on conflict (organization_id, model, since) do update set input = excluded.input, output = excluded.output
returning id;

-- correct: another day and other amounts of a price.
update identity.model_prices set since = %(since)s, input = %(input)s, output = %(output)s
where organization_id = %(organization_id)s and id = %(id)s;

-- remove: a price, on past days too.
delete from identity.model_prices
where organization_id = %(organization_id)s and id = %(id)s;
