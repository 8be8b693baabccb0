-- select_sums: what questions came to, in spans of time, in the parts that are asked for together.
with picked as (
    select case when %(middle)s::date is not null and m.day >= %(middle)s::date then %(middle)s::date
                when %(middle)s::date is not null or %(each)s::text is null then %(since)s::date
                else date_trunc(%(each)s::text, m.day::timestamp)::date end as period, m.*
    from analytics.daily_metrics m
    where m.organization_id = %(organization_id)s and m.day >= %(since)s::date and m.day < %(until)s::date
      and analytics.is_wanted(
        m.chatbot, m.agent, m.configuration, m.model, m.source, m.language, m.tags, %(chatbot)s,
        %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s)
)
select period,
       case when 'chatbot' = any (%(by)s::text[]) or 'configuration' = any (%(by)s::text[]) then chatbot end as chatbot,
       case when 'agent' = any (%(by)s::text[]) then agent end as agent,
       case when 'configuration' = any (%(by)s::text[]) then configuration end as configuration,
       case when 'model' = any (%(by)s::text[]) then model end as model,
       case when 'source' = any (%(by)s::text[]) then source end as source,
       case when 'language' = any (%(by)s::text[]) then language end as language,
       sum(questions)::bigint as questions,
       sum(answered + canned + no_answer + failed + handed_over)::bigint as due,
       sum(answered + canned)::bigint as answered, sum(no_answer)::bigint as no_answer,
       sum(failed)::bigint as failed, sum(handed_over)::bigint as handed_over, sum(searches)::bigint as searches,
       sum(without_result)::bigint as without_result,
       sum(seconds_n)::bigint as seconds_n, sum(seconds_sum) as seconds_sum, sum(seconds_squares) as seconds_squares,
       sum(retrieval_n)::bigint as retrieval_n, sum(retrieval_sum) as retrieval_sum,
       sum(retrieval_squares) as retrieval_squares,
       sum(score_n)::bigint as score_n, sum(score_sum) as score_sum, sum(score_squares) as score_squares,
       sum(prompt_n)::bigint as prompt_n, sum(prompt_sum)::double precision as prompt_sum,
       sum(prompt_squares) as prompt_squares,
       sum(cost_n)::bigint as cost_n, sum(cost_sum) as cost, sum(cost_squares) as cost_squares,
       string_agg(seconds, ''::bytea) as seconds
from picked
group by 1, 2, 3, 4, 5, 6, 7
order by 1;

-- select_scores: the best scores of searches, of those that found an answer and of those that did not.
select string_agg(m.answered_scores, ''::bytea) as answered, string_agg(m.unanswered_scores, ''::bytea) as unanswered
from analytics.daily_metrics m
where m.organization_id = %(organization_id)s and m.day >= %(since)s::date and m.day < %(until)s::date
  and analytics.is_wanted(
    m.chatbot, m.agent, m.configuration, m.model, m.source, m.language, m.tags, %(chatbot)s,
    %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s);
