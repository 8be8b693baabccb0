-- Questions without a good answer, each with the cluster of those that mean about the same.
create or replace view analytics.clustered_questions with (security_invoker = true) as
select q.organization_id, q.question_cluster_id as cluster_id, q.day, l.created_at as asked_at, c.name as chatbot,
       a.name as agent, m.number as configuration, q.model, q.source_id, o.source, q.language,
       case when s.deleted_at is null then l.query end as question,
       case when s.deleted_at is null then l.detailed_question end as understood_as,
       q.is_unanswered, q.is_disliked, q.likeness, l.best_score, q.answer_id, o.tags
from conversations.clustered_questions q
left join conversations.retrieval_logs l on l.organization_id = q.organization_id and l.id = q.retrieval_log_id
left join conversations.sessions s on s.organization_id = l.organization_id and s.id = l.session_id
left join bots.chatbots c on c.organization_id = q.organization_id and c.id = q.chatbot_id
left join bots.agents a on a.organization_id = q.organization_id and a.id = q.agent_id
left join bots.model_config_versions m on m.organization_id = q.organization_id and m.id = q.configuration_id
left join analytics.all_sources o on o.organization_id = q.organization_id and o.source_id = q.source_id;
alter view analytics.clustered_questions owner to millrace_owner;
grant select on analytics.clustered_questions to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.clustered_questions is $$One row for each question that found nothing, was not answered, or whose answer was disliked, as the asset question_clusters last gathered them.
Example: how many of last month's lie in a cluster:
select count(cluster_id), count(*) from analytics.clustered_questions where day >= current_date - 30;$$;
comment on column analytics.clustered_questions.organization_id is 'Whose it is.';
comment on column analytics.clustered_questions.cluster_id is 'The cluster, as in analytics.question_clusters; null where no other question is like it.';
comment on column analytics.clustered_questions.day is 'The day of UTC on which it came.';
comment on column analytics.clustered_questions.asked_at is 'When it came.';
comment on column analytics.clustered_questions.chatbot is 'The chatbot''s name.';
comment on column analytics.clustered_questions.agent is 'The agent''s name.';
comment on column analytics.clustered_questions.configuration is 'The configuration''s number.';
comment on column analytics.clustered_questions.model is 'Who spoke.';
comment on column analytics.clustered_questions.source_id is 'The source of the passage that was found first; null where none was.';
comment on column analytics.clustered_questions.source is 'Its name.';
comment on column analytics.clustered_questions.language is 'Of that passage''s document.';
comment on column analytics.clustered_questions.question is 'As it was asked; null where its conversation was deleted.';
comment on column analytics.clustered_questions.understood_as is 'As a model put it for the search; null where none was asked to.';
comment on column analytics.clustered_questions.is_unanswered is 'Whether nothing was found, or the documents did not say.';
comment on column analytics.clustered_questions.is_disliked is 'Whether somebody gave its answer a thumb down.';
comment on column analytics.clustered_questions.likeness is 'Its cosine to the middle of its cluster.';
comment on column analytics.clustered_questions.best_score is 'The score of the passage that was found first; null for none.';
comment on column analytics.clustered_questions.answer_id is 'The message that answered.';
comment on column analytics.clustered_questions.tags is 'The tags of the source, in their order.';
