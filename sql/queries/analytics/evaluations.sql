-- select_scores: the scores of whole sets, of evaluations of some days (or, by is_latest alone, of whatever day).
select chatbot, configuration, evaluation_set, split, metric, queries, value, low, high, evaluated_at, is_latest
from analytics.evaluation_by_version
where organization_id = %(organization_id)s and slice = ''
  and (%(since)s::date is null or evaluated_at >= %(since)s::date::timestamp at time zone 'UTC')
  and (%(until)s::date is null or evaluated_at < %(until)s::date::timestamp at time zone 'UTC')
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
  and (%(configuration)s::integer is null or configuration = %(configuration)s::integer)
  and (%(metric)s::text is null or metric = %(metric)s::text)
  and (is_latest or not %(latest)s::boolean)
order by evaluated_at, chatbot, configuration, evaluation_set, split, metric
limit %(at_most)s;

-- select_activations: when configurations came to serve, of some days.
select c.name as chatbot, m.number as configuration, m.activated_at
from bots.model_config_versions m
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = m.chatbot_id
where m.organization_id = %(organization_id)s
  and m.activated_at >= %(since)s::date::timestamp at time zone 'UTC'
  and m.activated_at < %(until)s::date::timestamp at time zone 'UTC'
  and (%(chatbot)s::text is null or c.name = %(chatbot)s::text)
order by m.activated_at, c.name, m.number;

-- select_compared: pairs of configurations whose answers to the same questions were compared, the latest first.
select c.name as chatbot, b.number as baseline, n.number as candidate, v.queries, v.baseline_value, v.candidate_value,
    v.difference, v.low, v.high, v.p_value, v.won, v.lost, v.moved, v.created_at as compared_at
from bots.version_comparisons v
join bots.model_config_versions b on b.organization_id = %(organization_id)s and b.id = v.baseline_id
join bots.model_config_versions n on n.organization_id = %(organization_id)s and n.id = v.candidate_id
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = n.chatbot_id
where v.organization_id = %(organization_id)s and v.evaluation_set_id is null and v.metric = %(metric)s
  and (%(chatbot)s::text is null or c.name = %(chatbot)s::text)
  and (%(configuration)s::integer is null or %(configuration)s::integer in (b.number, n.number))
order by v.created_at desc, v.id
limit %(at_most)s;

-- select_pairs: each question with what the latest runs of two configurations, made of the same set and split, found.
with runs as (
    select distinct on (r.evaluation_set_id, r.split, r.model_config_version_id)
        r.id, r.evaluation_set_id, r.split, r.model_config_version_id, r.created_at
    from bots.evaluation_runs r
    where r.organization_id = %(organization_id)s
      and r.model_config_version_id in (%(baseline_id)s, %(candidate_id)s)
      and exists (
          select from bots.evaluation_results k
          where k.organization_id = %(organization_id)s and k.evaluation_run_id = r.id)
    order by r.evaluation_set_id, r.split, r.model_config_version_id, r.created_at desc, r.id
)
select q.id as query_id, s.name as evaluation_set, q.question, x.document_ids as before_ids, y.document_ids as after_ids,
    x.first_rank as before_rank, y.first_rank as after_rank, x.ndcg_at_10 as before, y.ndcg_at_10 as after
from runs a
join runs b on b.evaluation_set_id = a.evaluation_set_id and b.split = a.split
    and b.model_config_version_id = %(candidate_id)s
join bots.evaluation_results x on x.organization_id = %(organization_id)s and x.evaluation_run_id = a.id
join bots.evaluation_results y on y.organization_id = %(organization_id)s and y.evaluation_run_id = b.id
    and y.evaluation_query_id = x.evaluation_query_id
join bots.evaluation_queries q on q.organization_id = %(organization_id)s and q.id = x.evaluation_query_id
join bots.evaluation_sets s on s.organization_id = %(organization_id)s and s.id = a.evaluation_set_id
where a.model_config_version_id = %(baseline_id)s
order by s.name, q.question, q.id
limit %(at_most)s;

-- select_documents: the paths and titles of documents.
select d.id as document_id, d.file_path as path, coalesce(d.title, '') as title
from knowledge.documents d
where d.organization_id = %(organization_id)s and d.id = any (%(document_ids)s);
