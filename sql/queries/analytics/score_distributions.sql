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

-- select_classes: the best scores of the latest searches, in classes of one width, by what became of the question.
with picked as (
    select a.best_score as score, case when a.outcome = 'answered' then 'answered' else 'not answered' end as came_to
    from analytics.answers a
    where a.organization_id = %(organization_id)s and a.day >= %(since)s::date and a.day < %(until)s::date
      and a.best_score is not null and a.outcome in ('answered', 'no_answer')
      and (%(chatbot)s::text is null or a.chatbot = %(chatbot)s::text)
      and (%(agent)s::text is null or a.agent = %(agent)s::text)
      and (%(configuration)s::integer is null or a.configuration = %(configuration)s::integer)
      and (%(model)s::text is null or a.model = %(model)s::text)
      and (%(source)s::text is null or a.source = %(source)s::text)
      and (%(language)s::text is null or a.language = %(language)s::text)
      and (%(tag)s::text is null or a.source_id in (
        select b.data_source_id from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
    order by a.asked_at desc
    limit %(at_most)s
)
select came_to, floor(score / %(width)s)::integer as place, count(*) as searches
from picked
group by came_to, place
order by came_to, place;
