-- lock_chatbot: one at a time may change a chatbot's configuration.
select id from bots.chatbots
where organization_id = %(organization_id)s and id = %(chatbot_id)s and deleted_at is null
for update;

-- find_equal: the version of a chatbot that has these values.
select id, chatbot_id, number, embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold,
    lexical_weight, chunk_size, chunk_overlap, active
from bots.model_config_versions
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
order by number desc
limit 1;

-- create: the next version of a chatbot, not active yet.
insert into bots.model_config_versions
    (organization_id, chatbot_id, number, embedding_model, llm_model, reranker_model, retrieval_k,
     similarity_threshold, lexical_weight, chunk_size, chunk_overlap)
values
    (%(organization_id)s, %(chatbot_id)s,
     (select coalesce(max(v.number), 0) + 1 from bots.model_config_versions v
      where v.organization_id = %(organization_id)s and v.chatbot_id = %(chatbot_id)s),
     %(embedding_model)s, %(llm_model)s, %(reranker_model)s, %(retrieval_k)s, %(similarity_threshold)s,
     %(lexical_weight)s, %(chunk_size)s, %(chunk_overlap)s)
returning id, chatbot_id, number, embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold,
    lexical_weight, chunk_size, chunk_overlap, active;

-- deactivate: no version of the chatbot is active.
update bots.model_config_versions set active = false
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and active;

-- activate: this version is active.
update bots.model_config_versions set active = true
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and id = %(id)s;

-- get_active: the active version of a chatbot.
select id, chatbot_id, number, embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold,
    lexical_weight, chunk_size, chunk_overlap, active
from bots.model_config_versions
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and active;

-- select_all: the versions of a chatbot, the oldest first.
select id, chatbot_id, number, embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold,
    lexical_weight, chunk_size, chunk_overlap, active
from bots.model_config_versions
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s
order by number;

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

-- select_wanted_sizes: how texts are cut for chatbots: as they ask now, and as one that changed lately asked before.
select distinct v.chunk_size, v.chunk_overlap
from bots.model_config_versions v
join bots.chatbots b on b.organization_id = %(organization_id)s and b.id = v.chatbot_id
where v.organization_id = %(organization_id)s and b.deleted_at is null
  and (v.active or exists (
      select from bots.model_config_versions lately
      where lately.organization_id = %(organization_id)s and lately.chatbot_id = v.chatbot_id
        and lately.created_at > clock_timestamp() - make_interval(days => %(days)s)))
order by v.chunk_size, v.chunk_overlap;
