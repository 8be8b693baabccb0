-- create: a document that answers a question.
insert into bots.evaluation_judgments
    (organization_id, evaluation_query_id, document_id, grade, quote, start_char)
values (%(organization_id)s, %(evaluation_query_id)s, %(document_id)s, %(grade)s, %(quote)s, %(start_char)s)
on conflict do nothing;

-- remove_all: what is known of a set's questions.
delete from bots.evaluation_judgments j
using bots.evaluation_queries q
where j.organization_id = %(organization_id)s and q.organization_id = %(organization_id)s
  and q.evaluation_set_id = %(evaluation_set_id)s and j.evaluation_query_id = q.id;

-- remove_of: what is known of these questions.
delete from bots.evaluation_judgments
where organization_id = %(organization_id)s and evaluation_query_id = any (%(query_ids)s);

-- select_all: what is known of a set's questions, or of these of them.
select j.evaluation_query_id, j.document_id, j.grade, j.quote, j.start_char
from bots.evaluation_judgments j
join bots.evaluation_queries q
  on q.organization_id = %(organization_id)s and q.id = j.evaluation_query_id
where j.organization_id = %(organization_id)s and q.evaluation_set_id = %(evaluation_set_id)s
  and (%(query_ids)s::uuid[] is null or j.evaluation_query_id = any (%(query_ids)s))
order by q.external_id, j.document_id, j.start_char, j.quote;
