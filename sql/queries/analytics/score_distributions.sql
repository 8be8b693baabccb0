-- select_days: how the best scores of days lay, by chatbot and configuration.
select day, chatbot, configuration, retrievals, without_result, mean_score, tenth, quarter, median, three_quarters,
    nine_tenths
from analytics.retrieval_scores
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
  and (%(configuration)s::integer is null or configuration = %(configuration)s::integer)
order by day, chatbot, configuration;

-- select_drifts: how far the best scores of days lay from those of the four weeks before.
select day, chatbot, configuration, scores, mean_score, past_mean_score, drift
from analytics.score_drift
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
  and (%(configuration)s::integer is null or configuration = %(configuration)s::integer)
order by day, chatbot, configuration;
