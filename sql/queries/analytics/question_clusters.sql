-- select_all: the clusters that questions of a filter lie in, the largest first, each with its most typical question.
with counted as (
    select q.cluster_id, count(*) as questions, count(*) filter (where q.is_unanswered) as unanswered,
           count(*) filter (where q.is_disliked) as disliked, min(q.day) as first_day, max(q.day) as last_day
    from analytics.clustered_questions q
    where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
      and (%(chatbot)s::text is null or q.chatbot = %(chatbot)s::text)
      and (%(agent)s::text is null or q.agent = %(agent)s::text)
      and (%(configuration)s::integer is null or q.configuration = %(configuration)s::integer)
      and (%(model)s::text is null or q.model = %(model)s::text)
      and (%(source)s::text is null or q.source = %(source)s::text)
      and (%(language)s::text is null or q.language = %(language)s::text)
      and (%(tag)s::text is null or q.source_id in (
        select b.data_source_id from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
      and q.cluster_id is not null
    group by q.cluster_id
    order by questions desc, q.cluster_id
    limit %(at_most)s
)
select n.cluster_id, nullif(array_to_string(k.words, ', '), '') as words, m.question, k.standing, n.questions,
       n.unanswered, n.disliked, n.first_day, n.last_day, k.nearest_score, k.low_score, k.usual_score, k.alike,
       k.alike_answered, near.sources, near.tags, p.document_id, d.title as document, o.name as document_source
from counted n
join conversations.question_clusters k on k.organization_id = %(organization_id)s and k.id = n.cluster_id
left join lateral (
    select q.question from analytics.clustered_questions q
    where q.organization_id = %(organization_id)s and q.cluster_id = n.cluster_id and q.question is not null
    order by q.likeness desc, q.answer_id
    limit 1
) m on true
left join lateral (
    select array_agg(distinct o.name) as sources, array_agg(distinct t.name) filter (where t.id is not null) as tags
    from conversations.question_cluster_passages p
    join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = p.document_id
    join knowledge.data_sources o on o.organization_id = %(organization_id)s and o.id = d.data_source_id
    left join knowledge.data_source_tags b on b.organization_id = %(organization_id)s and b.data_source_id = o.id
    left join knowledge.tags t
        on t.organization_id = %(organization_id)s and t.id = b.tag_id and t.deleted_at is null
    where p.organization_id = %(organization_id)s and p.question_cluster_id = n.cluster_id
) near on true
left join conversations.question_cluster_passages p
    on p.organization_id = %(organization_id)s and p.question_cluster_id = n.cluster_id and p.place = 1
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = p.document_id
left join knowledge.data_sources o on o.organization_id = %(organization_id)s and o.id = d.data_source_id
order by n.questions desc, n.cluster_id;

-- get: a cluster as a whole.
select k.cluster_id, k.words, m.question, k.standing, k.questions, k.unanswered, k.disliked, k.first_day, k.last_day,
       k.nearest_score, k.low_score, k.usual_score, k.alike, k.alike_answered, k.sources, k.tags, null::uuid as document_id,
       null::text as document, null::text as document_source
from analytics.question_clusters k
left join lateral (
    select q.question from analytics.clustered_questions q
    where q.organization_id = %(organization_id)s and q.cluster_id = k.cluster_id and q.question is not null
    order by q.likeness desc, q.answer_id
    limit 1
) m on true
where k.organization_id = %(organization_id)s and k.cluster_id = %(cluster_id)s;

-- select_totals: the questions of a filter by what there is to them: the standing of their cluster, or none.
with counted as (
    select q.cluster_id, count(*) as questions, count(*) filter (where q.is_unanswered) as unanswered,
           count(*) filter (where q.is_disliked) as disliked
    from analytics.clustered_questions q
    where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
      and (%(chatbot)s::text is null or q.chatbot = %(chatbot)s::text)
      and (%(agent)s::text is null or q.agent = %(agent)s::text)
      and (%(configuration)s::integer is null or q.configuration = %(configuration)s::integer)
      and (%(model)s::text is null or q.model = %(model)s::text)
      and (%(source)s::text is null or q.source = %(source)s::text)
      and (%(language)s::text is null or q.language = %(language)s::text)
      and (%(tag)s::text is null or q.source_id in (
        select b.data_source_id from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
    group by q.cluster_id
)
select coalesce(k.standing, 'alone') as standing, count(n.cluster_id) as clusters,
       sum(n.questions)::bigint as questions, sum(n.unanswered)::bigint as unanswered,
       sum(n.disliked)::bigint as disliked
from counted n
left join conversations.question_clusters k on k.organization_id = %(organization_id)s and k.id = n.cluster_id
group by 1
order by 1;

-- select_periods: the questions of a filter over time: those of these clusters, and all others as null.
select date_trunc(%(each)s::text, q.day::timestamp)::date as period,
       case when q.cluster_id = any (%(cluster_ids)s::uuid[]) then q.cluster_id end as cluster_id,
       count(*) as questions
from analytics.clustered_questions q
where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
  and (%(chatbot)s::text is null or q.chatbot = %(chatbot)s::text)
  and (%(agent)s::text is null or q.agent = %(agent)s::text)
  and (%(configuration)s::integer is null or q.configuration = %(configuration)s::integer)
  and (%(model)s::text is null or q.model = %(model)s::text)
  and (%(source)s::text is null or q.source = %(source)s::text)
  and (%(language)s::text is null or q.language = %(language)s::text)
  and (%(tag)s::text is null or q.source_id in (
    select b.data_source_id from knowledge.data_source_tags b
    join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
    where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
group by 1, 2
order by 1, 2;

-- select_sources: where documents would belong: the source of the nearest passage, by what there is to the questions.
with counted as (
    select q.cluster_id, count(*) as questions
    from analytics.clustered_questions q
    where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
      and (%(chatbot)s::text is null or q.chatbot = %(chatbot)s::text)
      and (%(agent)s::text is null or q.agent = %(agent)s::text)
      and (%(configuration)s::integer is null or q.configuration = %(configuration)s::integer)
      and (%(model)s::text is null or q.model = %(model)s::text)
      and (%(source)s::text is null or q.source = %(source)s::text)
      and (%(language)s::text is null or q.language = %(language)s::text)
      and (%(tag)s::text is null or q.source_id in (
        select b.data_source_id from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
      and q.cluster_id is not null
    group by q.cluster_id
)
select o.name as source,
       (select array_agg(t.name order by t.name) from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and b.data_source_id = o.id and t.deleted_at is null) as tags,
       count(*) as clusters, sum(n.questions)::bigint as questions,
       coalesce(sum(n.questions) filter (where k.standing = 'missing'), 0)::bigint as missing,
       coalesce(sum(n.questions) filter (where k.standing = 'unclear'), 0)::bigint as unclear,
       coalesce(sum(n.questions) filter (where k.standing = 'present'), 0)::bigint as present
from counted n
join conversations.question_clusters k on k.organization_id = %(organization_id)s and k.id = n.cluster_id
join conversations.question_cluster_passages p
    on p.organization_id = %(organization_id)s and p.question_cluster_id = k.id and p.place = 1
join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = p.document_id
join knowledge.data_sources o on o.organization_id = %(organization_id)s and o.id = d.data_source_id
group by o.id, o.name
order by questions desc, o.name;

-- select_questions: the questions of a filter, of one cluster or of all; the latest first.
select q.asked_at, q.question, q.understood_as, q.is_unanswered, q.is_disliked, q.likeness, q.best_score, q.chatbot,
       q.source, q.cluster_id, nullif(array_to_string(k.words, ', '), '') as words, q.answer_id
from analytics.clustered_questions q
left join conversations.question_clusters k on k.organization_id = %(organization_id)s and k.id = q.cluster_id
where q.organization_id = %(organization_id)s and q.day >= %(since)s::date and q.day < %(until)s::date
  and (%(chatbot)s::text is null or q.chatbot = %(chatbot)s::text)
  and (%(agent)s::text is null or q.agent = %(agent)s::text)
  and (%(configuration)s::integer is null or q.configuration = %(configuration)s::integer)
  and (%(model)s::text is null or q.model = %(model)s::text)
  and (%(source)s::text is null or q.source = %(source)s::text)
  and (%(language)s::text is null or q.language = %(language)s::text)
  and (%(tag)s::text is null or q.source_id in (
    select b.data_source_id from knowledge.data_source_tags b
    join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
    where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
  and (%(cluster_id)s::uuid is null or q.cluster_id = %(cluster_id)s::uuid)
order by q.day desc, q.asked_at desc, q.answer_id
limit %(at_most)s;

-- select_passages: what lies nearest to a cluster, the nearest first, as it stands now.
select p.score, p.document_id, d.title, o.name as source, o.id as source_id, d.file_path as path,
       (select array_agg(t.name order by t.name) from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and b.data_source_id = o.id and t.deleted_at is null) as tags,
       left(c.content, 400) as passage, c.start_char, c.end_char
from conversations.question_cluster_passages p
join knowledge.documents d
    on d.organization_id = %(organization_id)s and d.id = p.document_id and d.soft_deleted_at is null
join knowledge.data_sources o on o.organization_id = %(organization_id)s and o.id = d.data_source_id
left join knowledge.chunks c on c.organization_id = %(organization_id)s and c.id = p.chunk_id
where p.organization_id = %(organization_id)s and p.question_cluster_id = %(cluster_id)s
order by p.place;

-- select_made: when clusters were last made; none where they never were.
select max(k.made_at) as made_at from analytics.question_clusters k where k.organization_id = %(organization_id)s;
