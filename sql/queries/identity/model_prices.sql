-- find: what a model costs.
select model, input, output from identity.model_prices
where organization_id = %(organization_id)s and model = %(model)s;

-- select_all: what models cost.
select model, input, output from identity.model_prices
where organization_id = %(organization_id)s
order by model;

-- replace: what a model costs from now on.
insert into identity.model_prices (organization_id, model, input, output)
values (%(organization_id)s, %(model)s, %(input)s, %(output)s)
on conflict (organization_id, model) do update set input = excluded.input, output = excluded.output;

-- remove: nobody knows what a model costs.
delete from identity.model_prices
where organization_id = %(organization_id)s and model = %(model)s;
