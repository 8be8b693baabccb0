-- How far the scores of each day lie from those of the four weeks before it.
create or replace view analytics.score_drift with (security_invoker = true) as
with by_day as (
    select t.organization_id, t.day, t.chatbot_id, t.configuration_id, t.scores, t.score_sum as total,
           t.score_squares as squares
    from conversations.daily_scores t
    where not exists (select from analytics.unsummed_days('scores') d where d.day = t.day)
    union all
    select l.organization_id, d.day, l.chatbot_id, l.configuration_id, l.scores, l.score_sum, l.score_squares
    from analytics.unsummed_days('scores') d cross join lateral analytics.scores_of_day(d.day) l
), beside as (
    select organization_id, day, chatbot_id, configuration_id, scores, total, squares,
           sum(scores) over past as past_scores, sum(total) over past as past_total, sum(squares) over past as past_squares
    from by_day
    window past as (partition by organization_id, chatbot_id, configuration_id order by day
        range between interval '28 days' preceding and interval '1 day' preceding)
)
select b.organization_id, b.day, c.name as chatbot, m.number as configuration, b.scores,
       b.total / nullif(b.scores, 0) as mean_score, b.past_scores::bigint as past_scores,
       b.past_total / nullif(b.past_scores, 0) as past_mean_score,
       (b.total / nullif(b.scores, 0) - b.past_total / nullif(b.past_scores, 0))
           / nullif(sqrt(greatest(0, b.past_squares / nullif(b.past_scores, 0)
               - (b.past_total / nullif(b.past_scores, 0)) ^ 2)), 0) as drift
from beside b
join bots.chatbots c on c.organization_id = b.organization_id and c.id = b.chatbot_id
join bots.model_config_versions m on m.organization_id = b.organization_id and m.id = b.configuration_id;
alter view analytics.score_drift owner to millrace_owner;
grant select on analytics.score_drift to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.score_drift is $$Drift of the best score, by day, chatbot and configuration. A drift of -0.5: half a standard deviation lower than before.
Example: the days on which a chatbot's search was least like itself:
select * from analytics.score_drift where scores >= 30 order by abs(drift) desc nulls last limit 10;$$;
comment on column analytics.score_drift.organization_id is 'Whose it is.';
comment on column analytics.score_drift.day is 'The day of UTC.';
comment on column analytics.score_drift.chatbot is 'The chatbot''s name.';
comment on column analytics.score_drift.configuration is 'The configuration''s number.';
comment on column analytics.score_drift.scores is 'Searches of the day that found something.';
comment on column analytics.score_drift.mean_score is 'The mean of their best scores.';
comment on column analytics.score_drift.past_scores is 'Searches of the 28 days before; null where there were none.';
comment on column analytics.score_drift.past_mean_score is 'The mean of their best scores.';
comment on column analytics.score_drift.drift is 'The difference in standard deviations of the 28 days before; null where there is nothing to compare with.';
