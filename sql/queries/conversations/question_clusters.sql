-- lock: nobody else puts questions into other clusters until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('question clusters of ' || %(organization_id)s::text, 0));

-- replace: what a cluster is now.
insert into conversations.question_clusters
    (organization_id, id, embedding_model, words, standing, nearest_score, low_score, usual_score, alike,
     alike_answered)
values
    (%(organization_id)s, %(id)s, %(embedding_model)s, %(words)s, %(standing)s, %(nearest_score)s, %(low_score)s,
     %(usual_score)s, %(alike)s, %(alike_answered)s)
on conflict (organization_id, id) do update
set embedding_model = excluded.embedding_model, words = excluded.words, standing = excluded.standing,
    nearest_score = excluded.nearest_score, low_score = excluded.low_score, usual_score = excluded.usual_score,
    alike = excluded.alike, alike_answered = excluded.alike_answered;

-- remove_empty: clusters that no question lies in.
delete from conversations.question_clusters k
where k.organization_id = %(organization_id)s and not exists (
    select from conversations.clustered_questions q
    where q.organization_id = %(organization_id)s and q.question_cluster_id = k.id);

-- select_stop_words: those of these words that say nothing by themselves, in English or a language of the passages.
select distinct w.word
from unnest(%(words)s::text[]) w (word)
cross join (
    select 'english'::regconfig as language
    union
    select t.language from knowledge.text_statistics t
    where t.organization_id = %(organization_id)s
) l
where length(to_tsvector(l.language, w.word)) = 0;

-- select_recipes: how the passages are cut that chatbots search with a model now, the commonest first.
select v.chunk_size, v.chunk_overlap, e.id as embedding_model_id
from bots.model_config_versions v
join bots.chatbots b on b.organization_id = %(organization_id)s and b.id = v.chatbot_id and b.deleted_at is null
join knowledge.embedding_models e on e.organization_id = %(organization_id)s and e.name = v.embedding_model
    and e.dimension = %(dimension)s
    and e.version = coalesce(v.embedding_model_version, e.version)
where v.organization_id = %(organization_id)s and v.active and v.embedding_model = %(model)s
group by v.chunk_size, v.chunk_overlap, e.id
order by count(*) desc, v.chunk_size, v.chunk_overlap, e.id;
