-- Every thumb that was given, with the answer that it was given to.
create or replace view analytics.answers_feedback with (security_invoker = true) as
select f.organization_id, f.id as feedback_id, f.feedback, f.reason, f.updated_at as given_at,
       a.answer_id, a.asked_at, a.day, a.chatbot_id, a.chatbot, a.agent_id, a.agent, a.configuration_id,
       a.configuration, a.model, a.outcome, a.source_id, a.source, a.language, a.tags
from conversations.message_feedback f
join analytics.answers a on a.organization_id = f.organization_id and a.answer_id = f.message_id;
alter view analytics.answers_feedback owner to millrace_owner;
grant select on analytics.answers_feedback to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.answers_feedback is $$One row for each thumb up or down; a person has one for an answer. It counts on the day of its question.
Example: reasons of this month, the commonest first:
select reason, count(*) from analytics.answers_feedback
where feedback = 'negative' and day >= date_trunc('month', now()) group by 1 order by 2 desc;$$;
comment on column analytics.answers_feedback.organization_id is 'Whose it is.';
comment on column analytics.answers_feedback.feedback_id is 'The thumb.';
comment on column analytics.answers_feedback.feedback is 'positive or negative.';
comment on column analytics.answers_feedback.reason is 'What was said with it.';
comment on column analytics.answers_feedback.given_at is 'When it was given, or changed.';
comment on column analytics.answers_feedback.answer_id is 'The answer.';
comment on column analytics.answers_feedback.asked_at is 'When its question came.';
comment on column analytics.answers_feedback.day is 'The day of UTC of the question, not of the thumb.';
comment on column analytics.answers_feedback.chatbot_id is 'As in analytics.answers.';
comment on column analytics.answers_feedback.chatbot is 'As in analytics.answers.';
comment on column analytics.answers_feedback.agent_id is 'As in analytics.answers.';
comment on column analytics.answers_feedback.agent is 'As in analytics.answers.';
comment on column analytics.answers_feedback.configuration_id is 'As in analytics.answers.';
comment on column analytics.answers_feedback.configuration is 'As in analytics.answers.';
comment on column analytics.answers_feedback.model is 'As in analytics.answers.';
comment on column analytics.answers_feedback.outcome is 'As in analytics.answers.';
comment on column analytics.answers_feedback.source_id is 'As in analytics.answers.';
comment on column analytics.answers_feedback.source is 'As in analytics.answers.';
comment on column analytics.answers_feedback.language is 'As in analytics.answers.';
comment on column analytics.answers_feedback.tags is 'The tags of the source; null where there is none.';
