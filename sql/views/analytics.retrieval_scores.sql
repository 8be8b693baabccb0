-- How sure searches were on each day: the distribution of the best score.
create or replace view analytics.retrieval_scores with (security_invoker = true) as
select s.organization_id, s.day, c.name as chatbot, m.number as configuration, s.retrievals, s.without_result,
       s.mean_found, s.score_sum / nullif(s.scores, 0) as mean_score, s.deviation, s.tenth, s.quarter, s.median,
       s.three_quarters, s.nine_tenths
from (
    select t.organization_id, t.day, t.chatbot_id, t.configuration_id, t.retrievals, t.without_result, t.mean_found,
           t.scores, t.score_sum, t.deviation, t.tenth, t.quarter, t.median, t.three_quarters, t.nine_tenths
    from conversations.daily_scores t
    where not exists (select from analytics.unsummed_days('scores') d where d.day = t.day)
    union all
    select l.organization_id, d.day, l.chatbot_id, l.configuration_id, l.retrievals, l.without_result, l.mean_found,
           l.scores, l.score_sum, l.deviation, l.tenth, l.quarter, l.median, l.three_quarters, l.nine_tenths
    from analytics.unsummed_days('scores') d cross join lateral analytics.scores_of_day(d.day) l
) s
join bots.chatbots c on c.organization_id = s.organization_id and c.id = s.chatbot_id
join bots.model_config_versions m on m.organization_id = s.organization_id and m.id = s.configuration_id;
alter view analytics.retrieval_scores owner to millrace_owner;
grant select on analytics.retrieval_scores to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.retrieval_scores is $$Scores of the passage that was found first, by day, chatbot and configuration. Scores of other configurations are others' scales.
Example: drift, each day against the four weeks before it (see also analytics.score_drift):
select day, mean_score - avg(mean_score) over (order by day range between interval '28 days' preceding and interval '1 day' preceding)
from analytics.retrieval_scores where chatbot = 'handbook' and configuration = 1;$$;
comment on column analytics.retrieval_scores.organization_id is 'Whose it is.';
comment on column analytics.retrieval_scores.day is 'The day of UTC.';
comment on column analytics.retrieval_scores.chatbot is 'The chatbot''s name.';
comment on column analytics.retrieval_scores.configuration is 'The configuration''s number.';
comment on column analytics.retrieval_scores.retrievals is 'Searches for answers.';
comment on column analytics.retrieval_scores.without_result is 'Those that found no passage.';
comment on column analytics.retrieval_scores.mean_found is 'Passages that a search found, on average.';
comment on column analytics.retrieval_scores.mean_score is 'The mean of the best scores, of searches that found something; null where none did.';
comment on column analytics.retrieval_scores.deviation is 'Their standard deviation; null for fewer than two.';
comment on column analytics.retrieval_scores.tenth is 'A tenth of the best scores is not above it.';
comment on column analytics.retrieval_scores.quarter is 'A quarter is not above it.';
comment on column analytics.retrieval_scores.median is 'Half is not above it.';
comment on column analytics.retrieval_scores.three_quarters is 'Three quarters are not above it.';
comment on column analytics.retrieval_scores.nine_tenths is 'Nine tenths are not above it.';
