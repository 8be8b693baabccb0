-- daily_usage: tokens, cost and seconds of days.
select day, chatbot, agent, model, requests, prompt_tokens, completion_tokens, tokens, cost, unpriced_requests,
    mean_seconds
from analytics.daily_usage
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, agent, model;

-- daily_key_usage: tokens, cost and seconds of days, by key.
select day, chatbot, agent, model, key, requests, prompt_tokens, completion_tokens, tokens, cost, unpriced_requests,
    response_seconds
from analytics.daily_key_usage
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, agent, model, key;

-- daily_answers: outcomes of days.
select day, chatbot, agent, configuration, model, questions, answered, no_answer, failed, cancelled, canned,
    handed_over, turned_away, mean_seconds
from analytics.daily_answers
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, agent, configuration, model;

-- daily_feedback: thumbs of days.
select day, chatbot, agent, configuration, model, given, positive, negative, with_reason
from analytics.daily_feedback
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, agent, configuration, model;

-- daily_metrics: sums of days, in the finest parts that filters name.
select day, chatbot, agent, configuration, model, source, language, questions, answered, no_answer, failed, cancelled,
    canned, handed_over, turned_away, searches, without_result, seconds_n, seconds_sum, seconds_squares, retrieval_n,
    retrieval_sum, retrieval_squares, score_n, score_sum, score_squares, prompt_n, prompt_sum, prompt_squares,
    completion_sum, cost_n, cost_sum, cost_squares
from analytics.daily_metrics
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
  and (%(source)s::text is null or source = %(source)s::text)
order by day, chatbot, agent, configuration, model, source, language;

-- daily_thumbs: thumbs of days, in the same parts.
select day, chatbot, agent, configuration, model, source, language, given, positive, with_reason
from analytics.daily_thumbs
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
  and (%(source)s::text is null or source = %(source)s::text)
order by day, chatbot, agent, configuration, model, source, language;

-- daily_citations: how often answers of days cite documents, and sources as a whole.
select day, source_id, document_id, answers, citations, first_cited_at, last_cited_at
from analytics.daily_citations
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
order by day, source_id, document_id nulls first;

-- daily_opinions: thumbs that were given on days, by the documents that the answers cite.
select day, document_id, liked, disliked
from analytics.daily_opinions
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
order by day, document_id;

-- retrieval_scores: scores of days.
select day, chatbot, configuration, retrievals, without_result, mean_found, mean_score, deviation, tenth, quarter,
    median, three_quarters, nine_tenths
from analytics.retrieval_scores
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, configuration;

-- score_drift: how far scores lie from earlier ones.
select day, chatbot, configuration, scores, mean_score, past_scores, past_mean_score, drift
from analytics.score_drift
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, configuration;

-- latency_by_stage: seconds of days, stage by stage.
select day, chatbot, stage, answers, mean_seconds, median_seconds, seconds_of_95_in_100, slowest_seconds
from analytics.latency_by_stage
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by day, chatbot, stage;

-- queries_without_result: questions without a good result, the latest first.
select day, asked_at, chatbot, agent, configuration, question, understood_as, outcome, found, best_score, threshold,
    source, language, is_disliked, answer_id, session_id
from analytics.queries_without_result
where organization_id = %(organization_id)s
  and asked_at >= %(since)s::date::timestamp at time zone 'UTC'
  and asked_at < %(until)s::date::timestamp at time zone 'UTC'
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by asked_at desc, answer_id;

-- evaluation_by_version: scores of evaluations.
select chatbot, configuration, status, evaluation_set, split, slice, metric, queries, value, low, high, evaluated_at,
    is_latest
from analytics.evaluation_by_version
where organization_id = %(organization_id)s
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
order by chatbot, configuration, evaluation_set, split, slice, metric, evaluated_at;

-- index_recall: how well searches along indexes find.
select day, model, passages, questions, recall, low, high, short, measured_at
from analytics.index_recall
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
order by measured_at, model, passages;

-- cited_documents: documents that answers rest on.
select document_id, source, path, title, language, is_deleted, answers, citations, first_cited_at, last_cited_at,
    liked, disliked
from analytics.cited_documents
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
order by answers desc, document_id;

-- never_cited_documents: documents that no answer rests on.
select document_id, source, path, title, language, created_at, days
from analytics.never_cited_documents
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
order by source, path;

-- disliked_documents: documents whose answers were disliked.
select document_id, source, path, title, language, answers, liked, disliked, disliked_share
from analytics.disliked_documents
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
order by disliked desc, document_id;

-- question_clusters: what is asked in vain, by meaning.
select cluster_id, words, standing, questions, unanswered, disliked, first_day, last_day, nearest_score, low_score,
    usual_score, alike, alike_answered, sources, tags, embedding_model, made_at
from analytics.question_clusters
where organization_id = %(organization_id)s and last_day >= %(since)s::date and first_day < %(until)s::date
order by questions desc, cluster_id;

-- clustered_questions: questions without a good answer, with their clusters, the latest first.
select day, asked_at, cluster_id, chatbot, agent, configuration, model, source, language, question, understood_as,
    is_unanswered, is_disliked, likeness, best_score, answer_id
from analytics.clustered_questions
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
  and (%(chatbot)s::text is null or chatbot = %(chatbot)s::text)
  and (%(source)s::text is null or source = %(source)s::text)
order by day desc, asked_at desc, answer_id;

-- daily_expenses: what days cost, by what for.
select day, kind, model, tokens, cost, unpriced_tokens, reserved
from analytics.daily_expenses
where organization_id = %(organization_id)s and day >= %(since)s::date and day < %(until)s::date
order by day, kind, model;

-- model_prices: what models cost on some of the days, or will.
select model, since, until, input, output
from analytics.model_prices
where organization_id = %(organization_id)s and coalesce(until > %(since)s::date, true)
order by model, since nulls first;

-- source_freshness: when sources were last in step.
select source_id, source, type, status, auto_sync, cron, time_zone, every_seconds, created_at, last_sync,
    seconds_since_sync, is_stale, newest_version_at
from analytics.source_freshness
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
order by source;

-- source_coverage: how much of sources can be found.
select source_id, source, documents, ready, pending, failed, cited, ready_share, cited_share
from analytics.source_coverage
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
order by source;

-- source_cost: what sources cost, and give.
select source_id, source, syncs, tokens, cost, answers, citations, cost_per_citation
from analytics.source_cost
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
order by source;

-- failures_backlog: what fails and waits.
select source, stage, outcome, state, items, oldest, most_attempts, next_attempt_at
from analytics.failures_backlog
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
order by source, stage, outcome, state;

-- describe: what the views of analytics are, and their columns, as they say themselves (any organization).
select c.relname as view, obj_description(c.oid, 'pg_class') as says, a.attname as column,
       col_description(c.oid, a.attnum) as column_says, format_type(a.atttypid, a.atttypmod) as type
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = 'analytics' and c.relkind = 'v'
order by c.relname, a.attnum;
