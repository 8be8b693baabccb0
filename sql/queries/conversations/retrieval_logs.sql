-- create: what was asked for, and what came back with which scores.
insert into conversations.retrieval_logs
    (organization_id, id, chatbot_id, model_config_version_id, query, query_embedding, retrieved_chunk_ids,
     retrieved_document_ids, similarity_scores, lexical_scores, dense_scores, retrieval_threshold, retrieval_k,
     elapsed_ms, detailed_question, sub_questions, filter, degraded)
values
    (%(organization_id)s, %(id)s, %(chatbot_id)s, %(model_config_version_id)s, %(query)s, %(query_embedding)s,
     %(retrieved_chunk_ids)s, %(retrieved_document_ids)s, %(similarity_scores)s, %(lexical_scores)s,
     %(dense_scores)s, %(retrieval_threshold)s, %(retrieval_k)s, %(elapsed_ms)s,
     %(detailed_question)s, %(sub_questions)s, %(filter)s, %(degraded)s);

-- set_reranked: the passages that were offered, in the order of a reranker, with its scores.
update conversations.retrieval_logs
set reranker_used = true, reranked_document_ids = %(document_ids)s, reranked_chunk_ids = %(chunk_ids)s,
    reranker_scores = %(scores)s, elapsed_ms = %(elapsed_ms)s
where organization_id = %(organization_id)s and id = %(id)s;

-- set_answer: which answer a retrieval served.
update conversations.retrieval_logs set session_id = %(session_id)s, message_id = %(message_id)s
where organization_id = %(organization_id)s and id = %(id)s;

-- hold: keep a retrieval from being taken away until the transaction ends; none where it has been.
select id from conversations.retrieval_logs
where organization_id = %(organization_id)s and id = %(id)s
for update;

-- remove_of_documents: the retrievals that found one of these documents, and the answers that they served.
delete from conversations.retrieval_logs
where organization_id = %(organization_id)s and retrieved_document_ids && %(document_ids)s::uuid[]
returning message_id;

-- remove: retrievals that are kept no longer.
delete from conversations.retrieval_logs
where organization_id = %(organization_id)s and id = any (%(ids)s);

-- find_for_message: the retrieval that served an answer.
select id, chatbot_id, session_id, message_id, model_config_version_id, query, retrieved_chunk_ids,
    retrieved_document_ids, similarity_scores, lexical_scores, dense_scores, retrieval_threshold, retrieval_k,
    reranker_used, reranked_document_ids, elapsed_ms, created_at, detailed_question, sub_questions, filter, degraded,
    reranked_chunk_ids, reranker_scores
from conversations.retrieval_logs
where organization_id = %(organization_id)s and message_id = %(message_id)s;
