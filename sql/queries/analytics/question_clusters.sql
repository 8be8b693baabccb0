-- select_counts: how many questions of a filter lie in each cluster, or (null) in none, the largest first.
with counted as (
    select q.cluster_id, count(*) as questions, count(*) filter (where q.is_unanswered) as unanswered,
           count(*) filter (where q.is_disliked) as disliked, min(q.day) as first_day, max(q.day) as last_day
    from analytics.clustered_questions q
    where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
      and analytics.is_wanted(
        q.chatbot, q.agent, q.configuration, q.model, q.source, q.language, q.tags, %(chatbot)s,
        %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s)
    group by q.cluster_id
)
select n.cluster_id, coalesce(k.standing, 'alone') as standing, n.questions, n.unanswered, n.disliked, n.first_day,
       n.last_day, o.source, nullif(o.tags, '{}') as tags
from counted n
left join conversations.question_clusters k on k.organization_id = %(organization_id)s and k.id = n.cluster_id
left join conversations.question_cluster_passages p
    on p.organization_id = %(organization_id)s and p.question_cluster_id = n.cluster_id and p.place = 1
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = p.document_id
left join analytics.all_sources o on o.organization_id = %(organization_id)s and o.source_id = d.data_source_id
order by n.questions desc, n.cluster_id;

-- select_some: clusters as a whole: their words, their most typical question, and what lies nearest to them.
select k.cluster_id, k.words, m.question, k.standing, k.questions, k.unanswered, k.disliked, k.first_day, k.last_day,
       k.nearest_score, k.low_score, k.usual_score, k.alike, k.alike_answered, k.sources, k.tags, p.document_id,
       d.title as document, o.source as document_source
from analytics.question_clusters k
left join lateral (
    select q.question from analytics.clustered_questions q
    where q.organization_id = %(organization_id)s and q.cluster_id = k.cluster_id and q.question is not null
    order by q.likeness desc, q.answer_id
    limit 1
) m on true
left join conversations.question_cluster_passages p
    on p.organization_id = %(organization_id)s and p.question_cluster_id = k.cluster_id and p.place = 1
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = p.document_id
left join analytics.all_sources o on o.organization_id = %(organization_id)s and o.source_id = d.data_source_id
where k.organization_id = %(organization_id)s and k.cluster_id = any (%(cluster_ids)s::uuid[]);

-- select_periods: the questions of a filter over time: those of these clusters, and all others as null.
select date_trunc(%(each)s::text, q.day::timestamp)::date as period,
       case when q.cluster_id = any (%(cluster_ids)s::uuid[]) then q.cluster_id end as cluster_id,
       count(*) as questions
from analytics.clustered_questions q
where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
  and analytics.is_wanted(
    q.chatbot, q.agent, q.configuration, q.model, q.source, q.language, q.tags, %(chatbot)s,
    %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s)
group by 1, 2
order by 1, 2;

-- select_questions: the questions of a filter, of one cluster or of all; the latest first.
select q.asked_at, q.question, q.understood_as, q.is_unanswered, q.is_disliked, q.likeness, q.best_score, q.chatbot,
       q.source, q.cluster_id, nullif(array_to_string(k.words, ', '), '') as words, q.answer_id
from analytics.clustered_questions q
left join conversations.question_clusters k on k.organization_id = %(organization_id)s and k.id = q.cluster_id
where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
  and analytics.is_wanted(
    q.chatbot, q.agent, q.configuration, q.model, q.source, q.language, q.tags, %(chatbot)s,
    %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s)
  and (%(cluster_id)s::uuid is null or q.cluster_id = %(cluster_id)s::uuid)
order by q.day desc, q.asked_at desc, q.answer_id
limit %(at_most)s;

-- select_passages: what lies nearest to a cluster, the nearest first, as it stands now.
select p.score, p.document_id, d.title, o.source, o.source_id, d.file_path as path,
       nullif(o.tags, '{}') as tags, left(c.content, 400) as passage, c.start_char, c.end_char
from conversations.question_cluster_passages p
join knowledge.documents d
    on d.organization_id = %(organization_id)s and d.id = p.document_id and d.soft_deleted_at is null
join analytics.all_sources o on o.organization_id = %(organization_id)s and o.source_id = d.data_source_id
left join knowledge.chunks c on c.organization_id = %(organization_id)s and c.id = p.chunk_id
where p.organization_id = %(organization_id)s and p.question_cluster_id = %(cluster_id)s
order by p.place;

-- select_made: when clusters were last made; none where they never were.
select max(k.made_at) as made_at from analytics.question_clusters k where k.organization_id = %(organization_id)s;
