-- What became of the questions of each day.
create or replace view analytics.daily_answers with (security_invoker = true) as
select organization_id, day, chatbot, agent, configuration, model, sum(questions)::bigint as questions,
       sum(answered)::bigint as answered, sum(no_answer)::bigint as no_answer, sum(failed)::bigint as failed,
       sum(cancelled)::bigint as cancelled, sum(canned)::bigint as canned, sum(handed_over)::bigint as handed_over,
       sum(turned_away)::bigint as turned_away, sum(seconds_sum) / nullif(sum(seconds_n), 0)::double precision as mean_seconds
from analytics.daily_metrics
group by organization_id, day, chatbot, agent, configuration, model;
alter view analytics.daily_answers owner to millrace_owner;
grant select on analytics.daily_answers to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_answers is $$Outcomes, by day, chatbot, agent, configuration and model.
Example: the share of questions without an answer, by week:
select date_trunc('week', day) as week, sum(no_answer)::float / nullif(sum(questions - turned_away - cancelled), 0)
from analytics.daily_answers group by 1 order by 1;$$;
comment on column analytics.daily_answers.organization_id is 'Whose it is.';
comment on column analytics.daily_answers.day is 'The day of UTC on which the questions came.';
comment on column analytics.daily_answers.chatbot is 'The chatbot''s name.';
comment on column analytics.daily_answers.agent is 'The agent''s name.';
comment on column analytics.daily_answers.configuration is 'The number of the configuration that retrieved; null where nothing was searched for.';
comment on column analytics.daily_answers.model is 'Who spoke.';
comment on column analytics.daily_answers.questions is 'All of them.';
comment on column analytics.daily_answers.answered is 'Answered from the documents.';
comment on column analytics.daily_answers.no_answer is 'The documents did not say.';
comment on column analytics.daily_answers.failed is 'Something broke off.';
comment on column analytics.daily_answers.cancelled is 'The asker left before the end.';
comment on column analytics.daily_answers.canned is 'Answered with a prepared text.';
comment on column analytics.daily_answers.handed_over is 'Left to a person.';
comment on column analytics.daily_answers.turned_away is 'Not taken: spam or abuse.';
comment on column analytics.daily_answers.mean_seconds is 'From the question to the last word, on average.';
