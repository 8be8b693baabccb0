-- find: the defaults of a user.
select default_embedding_model, default_chunk_size, default_chunk_overlap, document_retention_days,
       conversation_retention_days, default_similarity_threshold, max_search_results, sync_notifications,
       error_notifications
from identity.knowledge_settings
where organization_id = %(organization_id)s and user_id = %(user_id)s;

-- replace: the defaults of a user, in place of those they had.
insert into identity.knowledge_settings (organization_id, user_id, default_embedding_model, default_chunk_size,
    default_chunk_overlap, document_retention_days, conversation_retention_days, default_similarity_threshold,
    max_search_results, sync_notifications, error_notifications)
values (%(organization_id)s, %(user_id)s, %(default_embedding_model)s, %(default_chunk_size)s,
    %(default_chunk_overlap)s, %(document_retention_days)s, %(conversation_retention_days)s,
    %(default_similarity_threshold)s, %(max_search_results)s, %(sync_notifications)s, %(error_notifications)s)
on conflict (organization_id, user_id) do update set
    default_embedding_model = excluded.default_embedding_model,
    default_chunk_size = excluded.default_chunk_size,
    default_chunk_overlap = excluded.default_chunk_overlap,
    document_retention_days = excluded.document_retention_days,
    conversation_retention_days = excluded.conversation_retention_days,
    default_similarity_threshold = excluded.default_similarity_threshold,
    max_search_results = excluded.max_search_results,
    sync_notifications = excluded.sync_notifications,
    error_notifications = excluded.error_notifications;
