-- Every question that was answered, with all that analysts ask by: the ground of most other views.
create or replace view analytics.answers with (security_invoker = true) as
select i.organization_id, i.answer_id, i.session_id, i.question_at as asked_at,
       (i.question_at at time zone 'UTC')::date as day,
       s.chatbot_id, c.name as chatbot, i.agent_id, a.name as agent,
       l.model_config_version_id as configuration_id, m.number as configuration, u.model,
       i.results ->> 'outcome' as outcome,
       extract(epoch from i.answer_at - i.question_at)::double precision as seconds,
       extract(epoch from i.detailed_question_at - i.question_at)::double precision as understanding_seconds,
       l.elapsed_ms / 1000 as retrieval_seconds, l.found, l.best_score, l.best_document_id,
       d.data_source_id as source_id, o.source, d.language,
       u.prompt_tokens, u.completion_tokens, u.cost, o.tags
from conversations.interactions i
left join conversations.sessions s on s.organization_id = i.organization_id and s.id = i.session_id
left join bots.chatbots c on c.organization_id = i.organization_id and c.id = s.chatbot_id
left join bots.agents a on a.organization_id = i.organization_id and a.id = i.agent_id
left join conversations.retrieval_logs l on l.organization_id = i.organization_id and l.message_id = i.answer_id
left join bots.model_config_versions m on m.organization_id = i.organization_id and m.id = l.model_config_version_id
left join knowledge.documents d on d.organization_id = i.organization_id and d.id = l.best_document_id
left join analytics.all_sources o on o.organization_id = i.organization_id and o.source_id = d.data_source_id
left join conversations.usage u on u.organization_id = i.organization_id and u.message_id = i.answer_id;
alter view analytics.answers owner to millrace_owner;
grant select on analytics.answers to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.answers is $$One row for each question that was answered, failed, or was turned away.
Example: the share of questions that found no answer, by chatbot, in the last 30 days:
select chatbot, avg((outcome = 'no_answer')::int) from analytics.answers
where day >= current_date - 30 and outcome not in ('turned_away', 'cancelled') group by chatbot;$$;
comment on column analytics.answers.organization_id is 'Whose it is.';
comment on column analytics.answers.answer_id is 'The message that answered.';
comment on column analytics.answers.session_id is 'The conversation; it is counted also when it was deleted.';
comment on column analytics.answers.asked_at is 'When the question came.';
comment on column analytics.answers.day is 'The day of UTC on which it came.';
comment on column analytics.answers.chatbot_id is 'Which chatbot was asked.';
comment on column analytics.answers.chatbot is 'The name that it has now.';
comment on column analytics.answers.agent_id is 'Which agent took the question; null where the agent is gone.';
comment on column analytics.answers.agent is 'The name that it has now.';
comment on column analytics.answers.configuration_id is 'Which configuration retrieved; null where nothing was searched for, or its log is erased or no longer kept.';
comment on column analytics.answers.configuration is 'Its number among those of its chatbot.';
comment on column analytics.answers.model is 'Who spoke, such as extractive or the name of a model.';
comment on column analytics.answers.outcome is 'answered, no_answer, failed, cancelled (the asker left), canned, handed_over (to a person) or turned_away.';
comment on column analytics.answers.seconds is 'From the question to the last word.';
comment on column analytics.answers.understanding_seconds is 'From the question until a model had put it into other words; null where none was asked to.';
comment on column analytics.answers.retrieval_seconds is 'What the search took, with the reranker; null where nothing was searched for.';
comment on column analytics.answers.found is 'How many passages were found; null where nothing was searched for.';
comment on column analytics.answers.best_score is 'The score of the passage that was found first; null where none was.';
comment on column analytics.answers.best_document_id is 'The document of the passage that stood first in the end.';
comment on column analytics.answers.source_id is 'The source of that document: to which a question is counted, answered or not. Null where nothing was found, or the document is purged.';
comment on column analytics.answers.source is 'The name that it has now.';
comment on column analytics.answers.language is 'The language of that document.';
comment on column analytics.answers.prompt_tokens is 'What the model read.';
comment on column analytics.answers.completion_tokens is 'What it spoke.';
comment on column analytics.answers.cost is 'In the currency of the prices; 0 where the model is free, null where it has no price.';
comment on column analytics.answers.tags is 'The tags of the source; null where there is none.';
