-- select_days: seconds of days, stage by stage, by chatbot.
select day, chatbot, stage, answers, mean_seconds, median_seconds, seconds_of_95_in_100, slowest_seconds
from analytics.latency_by_stage
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, stage;
