-- replace: a question of a set; one of the same external id becomes this one, and keeps what a reviewer said of it.
insert into bots.evaluation_queries
    (organization_id, evaluation_set_id, external_id, question, slice, data_source_id, origin, state, split,
     is_answerable, document_id, generated_by)
values
    (%(organization_id)s, %(evaluation_set_id)s, %(external_id)s, %(question)s, %(slice)s, %(data_source_id)s,
     %(origin)s, %(state)s, %(split)s, %(is_answerable)s, %(document_id)s, %(generated_by)s)
on conflict (organization_id, evaluation_set_id, external_id) do update
    set question = excluded.question, slice = excluded.slice, data_source_id = excluded.data_source_id,
        split = excluded.split, is_answerable = excluded.is_answerable;

-- propose: a question of a set, unless it has one of that external id; the id of the new one.
insert into bots.evaluation_queries
    (organization_id, evaluation_set_id, external_id, question, slice, data_source_id, origin, state, split,
     is_answerable, document_id, generated_by)
values
    (%(organization_id)s, %(evaluation_set_id)s, %(external_id)s, %(question)s, %(slice)s, %(data_source_id)s,
     %(origin)s, %(state)s, %(split)s, %(is_answerable)s, %(document_id)s, %(generated_by)s)
on conflict (organization_id, evaluation_set_id, external_id) do nothing
returning id;

-- remove_others: the questions of a set that are none of these.
delete from bots.evaluation_queries
where organization_id = %(organization_id)s and evaluation_set_id = %(evaluation_set_id)s
  and external_id not in (select unnest(%(external_ids)s::text[]));

-- remove: these questions, with what is known of them.
delete from bots.evaluation_queries
where organization_id = %(organization_id)s and id = any (%(ids)s);

-- select_all: the questions of a set, or of these those that are in it.
select id, external_id, question, slice, data_source_id, origin, state, split, is_answerable, document_id, generated_by,
    reviewed_by, reviewed_at
from bots.evaluation_queries
where organization_id = %(organization_id)s and evaluation_set_id = %(evaluation_set_id)s
  and (%(ids)s::uuid[] is null or id = any (%(ids)s))
order by external_id;

-- find: the question of a set that bears an external id.
select id, external_id, question, slice, data_source_id, origin, state, split, is_answerable, document_id, generated_by,
    reviewed_by, reviewed_at
from bots.evaluation_queries
where organization_id = %(organization_id)s and evaluation_set_id = %(evaluation_set_id)s
  and external_id = %(external_id)s;

-- find_set: the set that a question is in.
select evaluation_set_id from bots.evaluation_queries
where organization_id = %(organization_id)s and id = %(id)s;

-- review: what somebody says of a question.
update bots.evaluation_queries
set state = %(state)s, is_answerable = %(is_answerable)s, reviewed_by = %(reviewed_by)s, reviewed_at = now()
where organization_id = %(organization_id)s and id = %(id)s;

-- set_split: what these questions of a set are for.
update bots.evaluation_queries set split = %(split)s
where organization_id = %(organization_id)s and evaluation_set_id = %(evaluation_set_id)s
  and external_id = any (%(external_ids)s) and split <> %(split)s;
