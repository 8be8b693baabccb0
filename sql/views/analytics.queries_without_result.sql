-- Questions that found nothing, were not answered, or whose answer was disliked.
create or replace view analytics.queries_without_result with (security_invoker = true) as
select a.organization_id, a.day, a.asked_at, a.chatbot, a.agent, a.configuration, l.query as question,
       l.detailed_question as understood_as, a.outcome, l.found, l.best_score, l.retrieval_threshold as threshold,
       a.source, a.language, a.is_disliked, a.answer_id, a.session_id
from (
    select b.*, exists (
               select from conversations.message_feedback f
               where f.organization_id = b.organization_id and f.message_id = b.answer_id and f.feedback = 'negative'
           ) as is_disliked
    from analytics.answers b
) a
join conversations.retrieval_logs l on l.organization_id = a.organization_id and l.message_id = a.answer_id
where a.outcome = 'no_answer' or a.found = 0 or a.is_disliked;
alter view analytics.queries_without_result owner to millrace_owner;
grant select on analytics.queries_without_result to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.queries_without_result is $$Questions without a good result, one row each, with what was nearest. Erased questions are not here.
Example: what was asked in vain last week:
select question, best_score, source from analytics.queries_without_result
where day >= current_date - 7 order by best_score nulls first;$$;
comment on column analytics.queries_without_result.organization_id is 'Whose it is.';
comment on column analytics.queries_without_result.day is 'The day of UTC on which the questions came.';
comment on column analytics.queries_without_result.asked_at is 'When it came.';
comment on column analytics.queries_without_result.chatbot is 'The chatbot''s name.';
comment on column analytics.queries_without_result.agent is 'The agent''s name.';
comment on column analytics.queries_without_result.configuration is 'The configuration''s number.';
comment on column analytics.queries_without_result.question is 'As it was asked.';
comment on column analytics.queries_without_result.understood_as is 'As a model put it for the search; null where none was asked to.';
comment on column analytics.queries_without_result.outcome is 'As in analytics.answers.';
comment on column analytics.queries_without_result.found is 'How many passages were found.';
comment on column analytics.queries_without_result.best_score is 'The score of the first; null for none.';
comment on column analytics.queries_without_result.threshold is 'Below which no passage is offered.';
comment on column analytics.queries_without_result.source is 'Where the nearest passage is from.';
comment on column analytics.queries_without_result.language is 'Of the nearest passage''s document.';
comment on column analytics.queries_without_result.is_disliked is 'Whether somebody gave it a thumb down.';
comment on column analytics.queries_without_result.answer_id is 'The message that answered.';
comment on column analytics.queries_without_result.session_id is 'The conversation.';
