-- collect: the questions of these days without a good answer, as they are now; what is answered well now goes.
with wanted as (
    select l.id, a.answer_id, a.day, a.chatbot_id, a.agent_id, a.configuration_id, a.model, a.source_id, a.language,
           coalesce(a.outcome = 'no_answer', false) or l.found = 0 as is_unanswered,
           exists (select from conversations.message_feedback f
                   where f.organization_id = %(organization_id)s and f.message_id = a.answer_id
                     and f.feedback = 'negative') as is_disliked
    from analytics.answers a
    join conversations.retrieval_logs l on l.organization_id = a.organization_id and l.message_id = a.answer_id
    join conversations.sessions s on s.organization_id = a.organization_id and s.id = a.session_id
    where a.organization_id = %(organization_id)s and a.day >= %(since)s::date and a.day < %(until)s::date
      and s.deleted_at is null
),
found as (select * from wanted where is_unanswered or is_disliked),
gone as (
    delete from conversations.clustered_questions q
    where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
      and q.retrieval_log_id not in (select id from found)
    returning 1
),
kept as (
    insert into conversations.clustered_questions
        (organization_id, retrieval_log_id, answer_id, day, chatbot_id, agent_id, configuration_id, model, source_id,
         language, is_unanswered, is_disliked)
    select %(organization_id)s, id, answer_id, day, chatbot_id, agent_id, configuration_id, model, source_id, language,
           is_unanswered, is_disliked
    from found
    on conflict (organization_id, retrieval_log_id) do update
    set is_unanswered = excluded.is_unanswered, is_disliked = excluded.is_disliked, source_id = excluded.source_id
    where (clustered_questions.is_unanswered, clustered_questions.is_disliked)
          is distinct from (excluded.is_unanswered, excluded.is_disliked)
    returning 1
)
select (select count(*) from found) + 0 * (select count(*) from gone) + 0 * (select count(*) from kept);

-- has_news: whether few questions are gathered, and one was asked in vain since the last of them was.
select (select count(*) from (select from conversations.clustered_questions q
                              where q.organization_id = %(organization_id)s limit %(few)s) q) < %(few)s
    and exists (
        select from conversations.interactions i
        join conversations.sessions s on s.organization_id = %(organization_id)s and s.id = i.session_id
        join conversations.retrieval_logs l on l.organization_id = %(organization_id)s and l.message_id = i.answer_id
        where i.organization_id = %(organization_id)s and i.results ->> 'outcome' = 'no_answer'
          and i.question_at >= %(since)s::date::timestamp at time zone 'UTC' and s.deleted_at is null
          and not exists (
              select from conversations.clustered_questions q
              where q.organization_id = %(organization_id)s and q.answer_id = i.answer_id));

-- select_models: the models whose vectors these questions were searched with, and how many questions each has.
select m.embedding_model as name, vector_dims(l.query_embedding) as dimension, count(*) as questions
from conversations.clustered_questions q
join conversations.retrieval_logs l
    on l.organization_id = %(organization_id)s and l.id = q.retrieval_log_id
join bots.model_config_versions m on m.organization_id = %(organization_id)s and m.id = q.configuration_id
where q.organization_id = %(organization_id)s
group by 1, 2
order by 1, 2;

-- select_asked: the latest questions of a model, with their words and vectors; those of one day by their ids.
select q.retrieval_log_id, q.question_cluster_id, coalesce(l.detailed_question, l.query) as question, l.query_embedding
from conversations.clustered_questions q
join conversations.retrieval_logs l
    on l.organization_id = %(organization_id)s and l.id = q.retrieval_log_id
join bots.model_config_versions m on m.organization_id = %(organization_id)s and m.id = q.configuration_id
where q.organization_id = %(organization_id)s and m.embedding_model = %(model)s
  and vector_dims(l.query_embedding) = %(dimension)s
order by q.day desc, q.retrieval_log_id
limit %(at_most)s;

-- select_usual: of the latest searches with a model, what was asked, its vector, and whether an answer cites what it found.
select l.id, coalesce(l.detailed_question, l.query) as question, l.query_embedding,
       exists (select from conversations.citations c
               where c.organization_id = %(organization_id)s and c.message_id = l.message_id) as is_answered
from conversations.retrieval_logs l
join bots.model_config_versions m
    on m.organization_id = %(organization_id)s and m.id = l.model_config_version_id
where l.organization_id = %(organization_id)s and m.embedding_model = %(model)s
  and vector_dims(l.query_embedding) = %(dimension)s
order by l.created_at desc, l.id
limit %(at_most)s;

-- set_clusters: in which cluster each of these questions lies, and how like its middle it is; others are left alone.
update conversations.clustered_questions q
set question_cluster_id = n.question_cluster_id, likeness = n.likeness
from (
    select retrieval_log_id, question_cluster_id, likeness
    from unnest(%(retrieval_log_ids)s::uuid[], %(question_cluster_ids)s::uuid[], %(likenesses)s::double precision[])
        n (retrieval_log_id, question_cluster_id, likeness)
) n
where q.organization_id = %(organization_id)s and q.retrieval_log_id = n.retrieval_log_id
  and (q.question_cluster_id, q.likeness) is distinct from (n.question_cluster_id, n.likeness);
