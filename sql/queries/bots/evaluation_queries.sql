-- replace: a question of a set; one of the same external id becomes this one.
insert into bots.evaluation_queries (organization_id, evaluation_set_id, external_id, question, slice, data_source_id)
values (%(organization_id)s, %(evaluation_set_id)s, %(external_id)s, %(question)s, %(slice)s, %(data_source_id)s)
on conflict (organization_id, evaluation_set_id, external_id) do update
    set question = excluded.question, slice = excluded.slice, data_source_id = excluded.data_source_id;

-- remove_others: the questions of a set that are none of these.
delete from bots.evaluation_queries
where organization_id = %(organization_id)s and evaluation_set_id = %(evaluation_set_id)s
  and external_id not in (select unnest(%(external_ids)s::text[]));

-- select_all: the questions of a set.
select id, external_id, question, slice, data_source_id
from bots.evaluation_queries
where organization_id = %(organization_id)s and evaluation_set_id = %(evaluation_set_id)s
order by external_id;
