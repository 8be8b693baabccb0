-- lock_chatbot: one at a time may change a chatbot's configuration; answers, which refer to the chatbot, do not wait.
select id from bots.chatbots
where organization_id = %(organization_id)s and id = %(chatbot_id)s and deleted_at is null
for no key update;

-- find_equal: the version of a chatbot that has these values; without instructions, those of the chatbot are meant.
select id from bots.model_config_versions
where organization_id = %(organization_id)s
  and chatbot_id = %(chatbot_id)s
  and embedding_model = %(embedding_model)s
  and llm_model = %(llm_model)s
  and reranker_model is not distinct from %(reranker_model)s
  and retrieval_k = %(retrieval_k)s
  and similarity_threshold = %(similarity_threshold)s
  and lexical_weight = %(lexical_weight)s
  and chunk_size = %(chunk_size)s
  and chunk_overlap = %(chunk_overlap)s
  and (system_prompt is not distinct from %(system_prompt)s
       or %(system_prompt)s::text is null and system_prompt = (
           select c.system_prompt from bots.chatbots c
           where c.organization_id = %(organization_id)s and c.id = %(chatbot_id)s))
  and off_topic_threshold = %(off_topic_threshold)s
  and query_understanding = %(query_understanding)s
  and max_per_document is not distinct from %(max_per_document)s
order by active desc, number desc
limit 1;

-- create: the next version of a chatbot, a draft.
insert into bots.model_config_versions
    (organization_id, chatbot_id, number, embedding_model, llm_model, reranker_model, retrieval_k,
     similarity_threshold, lexical_weight, chunk_size, chunk_overlap, system_prompt, off_topic_threshold,
     query_understanding, max_per_document, description, created_by)
values
    (%(organization_id)s, %(chatbot_id)s,
     (select coalesce(max(v.number), 0) + 1 from bots.model_config_versions v
      where v.organization_id = %(organization_id)s and v.chatbot_id = %(chatbot_id)s),
     %(embedding_model)s, %(llm_model)s, %(reranker_model)s, %(retrieval_k)s, %(similarity_threshold)s,
     %(lexical_weight)s, %(chunk_size)s, %(chunk_overlap)s, %(system_prompt)s, %(off_topic_threshold)s,
     %(query_understanding)s, %(max_per_document)s, %(description)s, %(created_by)s)
returning id;

-- activate: this version serves from now on, and the one that did stays ready for a while; one statement.
update bots.model_config_versions
set status = case when id = %(id)s then 'active' else 'retired' end,
    activated_at = case when id = %(id)s then clock_timestamp() else activated_at end,
    activated_by = case when id = %(id)s then %(activated_by)s else activated_by end,
    forced_reason = case when id = %(id)s then %(forced_reason)s else forced_reason end,
    retired_at = case when id = %(id)s then null else clock_timestamp() end,
    kept_until = case when id = %(id)s then null
                      else clock_timestamp() + make_interval(days => %(soak_days)s) end
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s
  and (id = %(id)s or status = 'active');

-- set_building: its passages and vectors are to be made; a draft takes the chatbot's instructions as they are now.
update bots.model_config_versions v
set status = case when v.status = 'evaluated' then v.status else 'building' end,
    system_prompt = case when v.status = 'draft' then coalesce(v.system_prompt, c.system_prompt) else v.system_prompt end
from bots.chatbots c
where v.organization_id = %(organization_id)s and v.id = %(id)s
  and c.organization_id = %(organization_id)s and c.id = v.chatbot_id;

-- set_built: its passages and vectors are all there, or why not.
update bots.model_config_versions
set built_at = case when %(problem)s::text is null then clock_timestamp() else built_at end, build_problem = %(problem)s
where organization_id = %(organization_id)s and id = %(id)s
  and (%(problem)s::text is null or build_problem is distinct from %(problem)s);

-- set_evaluated: it was measured beside the active one.
update bots.model_config_versions
set status = case when status = 'building' then 'evaluated' else status end, evaluated_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s;

-- retire: nothing of it is kept ready any more.
update bots.model_config_versions
set status = 'retired', retired_at = coalesce(retired_at, clock_timestamp()), kept_until = null
where organization_id = %(organization_id)s and id = %(id)s and status <> 'active';

-- get_active: the active version of a chatbot.
select id, chatbot_id, number, status, embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold,
    lexical_weight, chunk_size, chunk_overlap, system_prompt, description, active, created_at, created_by, built_at,
    build_problem, evaluated_at, activated_at, activated_by, forced_reason, retired_at, kept_until, off_topic_threshold,
    query_understanding, max_per_document, embedding_model_version
from bots.model_config_versions
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and active;

-- select: versions, the oldest first: of a chatbot or of all, the one with an id or a number where one is given.
select id, chatbot_id, number, status, embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold,
    lexical_weight, chunk_size, chunk_overlap, system_prompt, description, active, created_at, created_by, built_at,
    build_problem, evaluated_at, activated_at, activated_by, forced_reason, retired_at, kept_until, off_topic_threshold,
    query_understanding, max_per_document, embedding_model_version
from bots.model_config_versions
where organization_id = %(organization_id)s
  and (%(chatbot_id)s::uuid is null or chatbot_id = %(chatbot_id)s)
  and (%(id)s::uuid is null or id = %(id)s)
  and (%(number)s::integer is null or number = %(number)s)
order by number;

-- find_former: the version that served last before the active one, as long as it is kept ready.
select id from bots.model_config_versions
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s
  and status = 'retired' and kept_until > clock_timestamp()
order by retired_at desc, number desc
limit 1;

-- select_active_for_source: how the chatbots that read a source want it made ready.
select distinct v.embedding_model, v.chunk_size, v.chunk_overlap
from bots.chatbot_data_sources l
join bots.chatbots b on b.organization_id = l.organization_id and b.id = l.chatbot_id
join bots.model_config_versions v on v.organization_id = b.organization_id and v.chatbot_id = b.id
where l.organization_id = %(organization_id)s
  and l.data_source_id = %(source_id)s
  and b.deleted_at is null
  and v.active
order by v.embedding_model, v.chunk_size, v.chunk_overlap;

-- select_kept_for_source: the versions that a source is made ready for: what serves, is being built, or may come back.
select id, chatbot_id, number, status, embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold,
    lexical_weight, chunk_size, chunk_overlap, system_prompt, description, active, created_at, created_by, built_at,
    build_problem, evaluated_at, activated_at, activated_by, forced_reason, retired_at, kept_until, off_topic_threshold,
    query_understanding, max_per_document, embedding_model_version
from bots.model_config_versions
where organization_id = %(organization_id)s
  and (status in ('building', 'evaluated', 'active') or kept_until > clock_timestamp())
  and chatbot_id in (
      select l.chatbot_id
      from bots.chatbot_data_sources l
      join bots.chatbots b on b.organization_id = %(organization_id)s and b.id = l.chatbot_id
      where l.organization_id = %(organization_id)s and l.data_source_id = %(source_id)s and b.deleted_at is null)
order by active desc, chatbot_id, number;

-- select_wanted_sizes: how texts are cut for chatbots: for what serves, is being built, or is kept for a way back.
select distinct v.chunk_size, v.chunk_overlap
from bots.model_config_versions v
join bots.chatbots b on b.organization_id = %(organization_id)s and b.id = v.chatbot_id
where v.organization_id = %(organization_id)s and b.deleted_at is null
  and (v.status in ('building', 'evaluated', 'active') or v.kept_until > clock_timestamp())
order by v.chunk_size, v.chunk_overlap;

-- set_embedding_version: which version of a model the vectors are made by, where nobody knows yet.
update bots.model_config_versions
set embedding_model_version = %(model_version)s
where organization_id = %(organization_id)s and embedding_model = %(model)s
  and embedding_model_version is null and status <> 'draft';

-- select_outdated: the versions that serve by another version of a model.
select id from bots.model_config_versions
where organization_id = %(organization_id)s and embedding_model = %(model)s
  and embedding_model_version <> %(model_version)s and status = 'active'
order by chatbot_id;

-- retire_outdated: what was made by another version of a model answers no question any more.
update bots.model_config_versions
set status = 'retired', retired_at = coalesce(retired_at, clock_timestamp()), kept_until = null,
    build_problem = %(problem)s
where organization_id = %(organization_id)s and embedding_model = %(model)s
  and embedding_model_version <> %(model_version)s
  and (status in ('building', 'evaluated') or kept_until > clock_timestamp());
