-- What people ask and get no good answer to, gathered by meaning.
create or replace view analytics.question_clusters with (security_invoker = true) as
select k.organization_id, k.id as cluster_id, nullif(array_to_string(k.words, ', '), '') as words, k.standing,
       q.questions, q.unanswered, q.disliked, q.first_day, q.last_day, k.nearest_score, k.low_score, k.usual_score,
       k.alike, k.alike_answered, p.sources, p.tags, k.embedding_model, k.updated_at as made_at
from conversations.question_clusters k
join lateral (
    select count(*) as questions, count(*) filter (where q.is_unanswered) as unanswered,
           count(*) filter (where q.is_disliked) as disliked, min(q.day) as first_day, max(q.day) as last_day
    from conversations.clustered_questions q
    where q.organization_id = k.organization_id and q.question_cluster_id = k.id
) q on true
left join lateral (
    select array_agg(distinct o.name) as sources, array_agg(distinct t.name) filter (where t.id is not null) as tags
    from conversations.question_cluster_passages p
    join knowledge.documents d on d.organization_id = p.organization_id and d.id = p.document_id
    join knowledge.data_sources o on o.organization_id = d.organization_id and o.id = d.data_source_id
    left join knowledge.data_source_tags b on b.organization_id = o.organization_id and b.data_source_id = o.id
    left join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id and t.deleted_at is null
    where p.organization_id = k.organization_id and p.question_cluster_id = k.id
) p on true;
alter view analytics.question_clusters owner to millrace_owner;
grant select on analytics.question_clusters to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.question_clusters is $$One row for each cluster of questions without a good answer that mean about the same.
Example: what documents are missing for, the most asked first:
select words, questions, sources from analytics.question_clusters
where standing = 'missing' order by questions desc;$$;
comment on column analytics.question_clusters.organization_id is 'Whose it is.';
comment on column analytics.question_clusters.cluster_id is 'The cluster; it keeps its id from night to night while most of its questions stay together.';
comment on column analytics.question_clusters.words is 'Its most telling words; null from when a question of it was erased until the next run.';
comment on column analytics.question_clusters.standing is 'missing (the nearest passage is farther than for nine of ten answered questions), present (as near as for three of four, or half of the questions like it were answered), unclear (between), or unknown.';
comment on column analytics.question_clusters.questions is 'How many questions lie in it.';
comment on column analytics.question_clusters.unanswered is 'Those that found nothing, or that the documents did not answer.';
comment on column analytics.question_clusters.disliked is 'Those whose answer was disliked.';
comment on column analytics.question_clusters.first_day is 'Since when they are asked, in UTC.';
comment on column analytics.question_clusters.last_day is 'Until when.';
comment on column analytics.question_clusters.nearest_score is 'The cosine of the nearest passage: the median over its most typical questions; null where there is none.';
comment on column analytics.question_clusters.low_score is 'What nine of ten answered questions reach; null where too few were answered.';
comment on column analytics.question_clusters.usual_score is 'What three of four answered questions reach.';
comment on column analytics.question_clusters.alike is 'How many of the 1,000 latest searches are like it, whatever became of them.';
comment on column analytics.question_clusters.alike_answered is 'How many of those have an answer that cites something.';
comment on column analytics.question_clusters.sources is 'The sources of the nearest passages, so where its documents would belong.';
comment on column analytics.question_clusters.tags is 'The tags of these sources.';
comment on column analytics.question_clusters.embedding_model is 'The model whose vectors were compared.';
comment on column analytics.question_clusters.made_at is 'When it was made or changed.';
