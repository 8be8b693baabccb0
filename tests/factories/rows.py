"""One valid row in every table, for the tests that walk the catalog. A table that is added needs its row here."""

from __future__ import annotations

from uuid import UUID, uuid5

from resources.foundation.statements import Connection

# In the order of their foreign keys. The row of table `x` has the id %(x)s, which depends on the organization alone.
ROWS: dict[str, bytes] = {
    "identity.organizations": b"""
        insert into identity.organizations (id, slug, name)
        values (%(organization_id)s, %(organization_id)s::text, 'Rows')""",
    "identity.users": b"""
        insert into identity.users (organization_id, id, username, email)
        values (%(organization_id)s, %(users)s, 'mia', 'mia@mill.example')""",
    "identity.memberships": b"""
        insert into identity.memberships (organization_id, user_id, role)
        values (%(organization_id)s, %(users)s, 'owner')""",
    "identity.api_keys": b"""
        insert into identity.api_keys (organization_id, id, name, digest)
        values (%(organization_id)s, %(api_keys)s, 'phone', sha256('secret'))""",
    "identity.sign_in_links": b"""
        insert into identity.sign_in_links (organization_id, id, user_id, digest, expires_at)
        values (%(organization_id)s, %(sign_in_links)s, %(users)s, sha256('secret'), now() + interval '1 hour')""",
    "identity.browser_sessions": b"""
        insert into identity.browser_sessions (organization_id, id, user_id, digest, expires_at)
        values (%(organization_id)s, %(browser_sessions)s, %(users)s, sha256('secret'), now() + interval '1 hour')""",
    "identity.audit_log": b"""
        insert into identity.audit_log (organization_id, id, door, action, entity, entity_id)
        values (%(organization_id)s, %(audit_log)s, 'command line', 'create', 'tag', 'x')""",
    "identity.idempotent_requests": b"""
        insert into identity.idempotent_requests (organization_id, id, asked_by, key, digest)
        values (%(organization_id)s, %(idempotent_requests)s, %(users)s, 'once', sha256('asked'))""",
    "identity.allowances": b"""
        insert into identity.allowances (organization_id, subject_id, span_s, most, busy_until)
        values (%(organization_id)s, %(api_keys)s, 3600, 10, now())""",
    "identity.provider_keys": b"""
        insert into identity.provider_keys (organization_id, id, provider, ciphertext)
        values (%(organization_id)s, %(provider_keys)s, 'openai', 'sealed')""",
    "identity.knowledge_settings": b"""
        insert into identity.knowledge_settings (organization_id, id, user_id)
        values (%(organization_id)s, %(knowledge_settings)s, %(users)s)""",
    "identity.notification_channels": b"""
        insert into identity.notification_channels (organization_id, id, name, kind, destination, sealed)
        values (%(organization_id)s, %(notification_channels)s, 'office', 'email', 'office@mill.example', 'sealed')""",
    "identity.notifications": b"""
        insert into identity.notifications (organization_id, id, event, subject)
        values (%(organization_id)s, %(notifications)s, 'sync_failed', 'Source handbook was not synced')""",
    "identity.notification_deliveries": b"""
        insert into identity.notification_deliveries (organization_id, id, notification_id, channel_id)
        values (%(organization_id)s, %(notification_deliveries)s, %(notifications)s, %(notification_channels)s)""",
    "identity.model_prices": b"""
        insert into identity.model_prices (organization_id, id, model, since, input)
        values (%(organization_id)s, %(model_prices)s, 'small', '-infinity', 0.02)""",
    "identity.budgets": b"""
        insert into identity.budgets (organization_id, amount) values (%(organization_id)s, 5)""",
    "identity.budget_approvals": b"""
        insert into identity.budget_approvals (organization_id, id, amount, approved_by)
        values (%(organization_id)s, %(budget_approvals)s, 1, 'mia')""",
    "identity.expenses": b"""
        insert into identity.expenses (organization_id, id, kind, model, tokens, cost, is_settled)
        values (%(organization_id)s, %(expenses)s, 'embedding', 'small', 1000, 0.00002, true)""",
    "identity.analyst_logins": b"""
        insert into identity.analyst_logins (organization_id, id, name)
        values (%(organization_id)s, %(analyst_logins)s, 'metabase')""",
    "knowledge.file_types": b"""
        insert into knowledge.file_types (organization_id, id, name, category, parsers)
        values (%(organization_id)s, %(file_types)s, 'Text', 'document', '{plain}')""",
    "knowledge.data_sources": b"""
        insert into knowledge.data_sources (organization_id, id, name, source_type)
        values (%(organization_id)s, %(data_sources)s, 'handbook', 'file')""",
    "identity.retention_settings": b"""
        insert into identity.retention_settings (organization_id) values (%(organization_id)s)""",
    "knowledge.tags": b"""
        insert into knowledge.tags (organization_id, id, name)
        values (%(organization_id)s, %(tags)s, 'safety')""",
    "knowledge.data_source_tags": b"""
        insert into knowledge.data_source_tags (organization_id, data_source_id, tag_id)
        values (%(organization_id)s, %(data_sources)s, %(tags)s)""",
    "knowledge.documents": b"""
        insert into knowledge.documents (organization_id, id, data_source_id, title, original_filename, file_path,
            file_size)
        values (%(organization_id)s, %(documents)s, %(data_sources)s, 'Rules', 'rules.txt', 'rules.txt', 10)""",
    "knowledge.legal_holds": b"""
        insert into knowledge.legal_holds (organization_id, id, name, document_id, placed_by, released_at)
        values (%(organization_id)s, %(legal_holds)s, 'case 7', %(documents)s, 'mia', now())""",
    "knowledge.tombstones": b"""
        insert into knowledge.tombstones (organization_id, id, data_source_id, kind, path_hash)
        values (%(organization_id)s, %(tombstones)s, %(data_sources)s, 'erased', sha256('rules.txt'))""",
    "knowledge.erasure_receipts": b"""
        insert into knowledge.erasure_receipts (organization_id, number, erasure_id, kind, target_id, row_counts,
            object_count, object_bytes, requested_by, reason, created_at, previous_hash, hash)
        values (%(organization_id)s, 1, %(erasure_receipts)s, 'document', %(documents)s, '{}', 0, 0, 'mia', 'asked',
            now(), repeat('0', 64), repeat('1', 64))""",
    "knowledge.document_versions": b"""
        insert into knowledge.document_versions
            (organization_id, id, document_id, number, checksum, file_size, text, valid_from)
        values (%(organization_id)s, %(document_versions)s, %(documents)s, 1, repeat('0', 64), 10, 'mill rules',
            now())""",
    "knowledge.chunks": b"""
        insert into knowledge.chunks (organization_id, id, data_source_id, document_id, document_version_id, recipe,
            chunk_index, chunk_size, chunk_overlap, content, start_char, end_char, token_count, content_hash, language,
            lexemes, lexeme_count, weights, is_active)
        values (%(organization_id)s, %(chunks)s, %(data_sources)s, %(documents)s, %(document_versions)s, 'whole',
            0, 1600, 0, 'mill rules', 0, 10, 2, sha256('mill rules'), 'english',
            to_tsvector('english', 'mill rules'), 2,
            knowledge.lexical_weights(to_tsvector('english', 'mill rules'), 2, 2), true)""",
    "knowledge.embedding_models": b"""
        insert into knowledge.embedding_models (organization_id, id, name, version, dimension)
        values (%(organization_id)s, %(embedding_models)s, 'small', '1', 3)""",
    "knowledge.index_recalls": b"""
        insert into knowledge.index_recalls (organization_id, id, embedding_model_id, passages, questions, recall, low,
            high, short)
        values (%(organization_id)s, %(index_recalls)s, %(embedding_models)s, 1000, 30, 0.98, 0.95, 0.99, 0)""",
    "knowledge.embeddings": b"""
        insert into knowledge.embeddings (organization_id, embedding_model_id, content_hash, embedding)
        values (%(organization_id)s, %(embedding_models)s, sha256('mill rules'), '[1,0,0]')""",
    "knowledge.lexeme_frequencies": b"""
        insert into knowledge.lexeme_frequencies (organization_id, recipe, lexeme, chunk_count)
        values (%(organization_id)s, 'whole', 'mill', 1)""",
    "knowledge.text_statistics": b"""
        insert into knowledge.text_statistics (organization_id, recipe, language, chunk_count, lexeme_total,
            average_length)
        values (%(organization_id)s, 'whole', 'english', 1, 2, 2)""",
    "knowledge.uploads": b"""
        insert into knowledge.uploads (organization_id, id, data_source_id, path, checksum, file_size)
        values (%(organization_id)s, %(uploads)s, %(data_sources)s, 'rye.md', repeat('a', 64), 3)""",
    "knowledge.partial_uploads": b"""
        insert into knowledge.partial_uploads (organization_id, id, data_source_id, path, file_size, received,
            expires_at)
        values (%(organization_id)s, %(partial_uploads)s, %(data_sources)s, 'oats.md', 6, 3, '2999-01-01')""",
    "knowledge.upload_parts": b"""
        insert into knowledge.upload_parts (organization_id, partial_upload_id, start_byte, checksum, file_size)
        values (%(organization_id)s, %(partial_uploads)s, 0, repeat('b', 64), 3)""",
    "knowledge.training_jobs": b"""
        insert into knowledge.training_jobs (organization_id, id, data_source_id)
        values (%(organization_id)s, %(training_jobs)s, %(data_sources)s)""",
    "knowledge.leases": b"""
        insert into knowledge.leases (organization_id, data_source_id, holder)
        values (%(organization_id)s, %(data_sources)s, 'run-1')""",
    "knowledge.deletion_batches": b"""
        insert into knowledge.deletion_batches (organization_id, id, data_source_id, documents, known)
        values (%(organization_id)s, %(deletion_batches)s, %(data_sources)s, 1, 1)""",
    "knowledge.deletions": b"""
        insert into knowledge.deletions (organization_id, document_id, deletion_batch_id)
        values (%(organization_id)s, %(documents)s, %(deletion_batches)s)""",
    "knowledge.sync_failures": b"""
        insert into knowledge.sync_failures (organization_id, id, data_source_id, file_path, stage, outcome, reason,
            next_attempt_at)
        values (%(organization_id)s, %(sync_failures)s, %(data_sources)s, 'torn.pdf', 'parsing', 'broken',
            'it ends in the middle', now())""",
    "bots.chatbots": b"""
        insert into bots.chatbots (organization_id, id, name)
        values (%(organization_id)s, %(chatbots)s, 'default')""",
    "bots.chatbot_data_sources": b"""
        insert into bots.chatbot_data_sources (organization_id, chatbot_id, data_source_id)
        values (%(organization_id)s, %(chatbots)s, %(data_sources)s)""",
    "bots.agents": b"""
        insert into bots.agents (organization_id, id, chatbot_id, name)
        values (%(organization_id)s, %(agents)s, %(chatbots)s, 'answers')""",
    "bots.canned_answers": b"""
        insert into bots.canned_answers (organization_id, id, agent_id, question, answer)
        values (%(organization_id)s, %(canned_answers)s, %(agents)s, 'Who are you?', 'The mill.')""",
    "bots.agent_tags": b"""
        insert into bots.agent_tags (organization_id, agent_id, tag_id)
        values (%(organization_id)s, %(agents)s, %(tags)s)""",
    "bots.agent_data_sources": b"""
        insert into bots.agent_data_sources (organization_id, agent_id, data_source_id)
        values (%(organization_id)s, %(agents)s, %(data_sources)s)""",
    "bots.agent_file_types": b"""
        insert into bots.agent_file_types (organization_id, agent_id, file_type_id)
        values (%(organization_id)s, %(agents)s, %(file_types)s)""",
    "bots.model_config_versions": b"""
        insert into bots.model_config_versions (organization_id, id, chatbot_id, number, embedding_model, llm_model,
            chunk_size, chunk_overlap)
        values (%(organization_id)s, %(model_config_versions)s, %(chatbots)s, 1, 'small', 'extractive', 1600, 0)""",
    "bots.configuration_requests": b"""
        insert into bots.configuration_requests (organization_id, id, model_config_version_id, job)
        values (%(organization_id)s, %(configuration_requests)s, %(model_config_versions)s, 'build')""",
    "bots.builds": b"""
        insert into bots.builds (organization_id, id, model_config_version_id, foreseen_chunks, foreseen_vectors,
            foreseen_tokens)
        values (%(organization_id)s, %(builds)s, %(model_config_versions)s, 1, 1, 20)""",
    "bots.evaluation_sets": b"""
        insert into bots.evaluation_sets (organization_id, id, chatbot_id, name)
        values (%(organization_id)s, %(evaluation_sets)s, %(chatbots)s, 'sample')""",
    "bots.evaluation_queries": b"""
        insert into bots.evaluation_queries (organization_id, id, evaluation_set_id, external_id, question)
        values (%(organization_id)s, %(evaluation_queries)s, %(evaluation_sets)s, 'q1', 'Which rules?')""",
    "bots.evaluation_judgments": b"""
        insert into bots.evaluation_judgments (organization_id, id, evaluation_query_id, document_id)
        values (%(organization_id)s, %(evaluation_judgments)s, %(evaluation_queries)s, %(documents)s)""",
    "bots.evaluation_runs": b"""
        insert into bots.evaluation_runs (organization_id, id, evaluation_set_id, model_config_version_id, queries,
            elapsed_ms)
        values (%(organization_id)s, %(evaluation_runs)s, %(evaluation_sets)s, %(model_config_versions)s, 1, 5)""",
    "bots.evaluation_scores": b"""
        insert into bots.evaluation_scores (organization_id, evaluation_run_id, metric, queries, value)
        values (%(organization_id)s, %(evaluation_runs)s, 'recall@8', 1, 1)""",
    "bots.evaluation_results": b"""
        insert into bots.evaluation_results (organization_id, evaluation_run_id, evaluation_query_id, document_ids)
        values (%(organization_id)s, %(evaluation_runs)s, %(evaluation_queries)s, array[%(documents)s]::uuid[])""",
    "bots.version_comparisons": b"""
        insert into bots.version_comparisons (organization_id, id, evaluation_set_id, baseline_id, candidate_id, metric,
            queries, won, lost, compared, moved)
        values (%(organization_id)s, %(version_comparisons)s, %(evaluation_sets)s, %(model_config_versions)s,
            %(model_config_versions)s, 'ndcg_at_10', 0, 0, 0, 1, 0)""",
    "conversations.sessions": b"""
        insert into conversations.sessions (organization_id, id, chatbot_id)
        values (%(organization_id)s, %(sessions)s, %(chatbots)s)""",
    "conversations.messages": b"""
        insert into conversations.messages (organization_id, id, session_id, role, content)
        values (%(organization_id)s, %(messages)s, %(sessions)s, 'assistant', 'The mill rules [1].')""",
    "conversations.interactions": b"""
        insert into conversations.interactions (organization_id, id, session_id, question_id, answer_id,
            question_digest, question_at)
        values (%(organization_id)s, %(interactions)s, %(sessions)s, %(messages)s, %(messages)s,
            sha256('which rules'), now())""",
    "conversations.background_tasks": b"""
        insert into conversations.background_tasks (organization_id, id, session_id, agent_id)
        values (%(organization_id)s, %(background_tasks)s, %(sessions)s, %(agents)s)""",
    "conversations.citations": b"""
        insert into conversations.citations (organization_id, id, message_id, citation_index, document_id,
            document_version_id, chunk_id, quote, start_char, end_char)
        values (%(organization_id)s, %(citations)s, %(messages)s, 1, %(documents)s, %(document_versions)s, %(chunks)s,
            'mill rules', 0, 10)""",
    "conversations.retrieval_logs": b"""
        insert into conversations.retrieval_logs (organization_id, id, chatbot_id, message_id, model_config_version_id,
            query, query_embedding, retrieved_chunk_ids, retrieved_document_ids, similarity_scores, lexical_scores,
            dense_scores, retrieval_threshold, retrieval_k, elapsed_ms)
        values (%(organization_id)s, %(retrieval_logs)s, %(chatbots)s, %(messages)s, %(model_config_versions)s,
            'Which rules?', '[1,0,0]', array[%(chunks)s]::uuid[], array[%(documents)s]::uuid[], '{1}', '{1}', '{1}', 0,
            8, 5)""",
    "conversations.question_clusters": b"""
        insert into conversations.question_clusters (organization_id, id, embedding_model)
        values (%(organization_id)s, %(question_clusters)s, 'small')""",
    "conversations.clustered_questions": b"""
        insert into conversations.clustered_questions (organization_id, retrieval_log_id, answer_id,
            question_cluster_id, day, chatbot_id, configuration_id, is_unanswered, is_disliked)
        values (%(organization_id)s, %(retrieval_logs)s, %(messages)s, %(question_clusters)s, '2026-11-01',
            %(chatbots)s, %(model_config_versions)s, true, false)""",
    "conversations.question_cluster_passages": b"""
        insert into conversations.question_cluster_passages (organization_id, question_cluster_id, place, document_id,
            chunk_id, score)
        values (%(organization_id)s, %(question_clusters)s, 1, %(documents)s, %(chunks)s, 0.5)""",
    "conversations.promotions": b"""
        insert into conversations.promotions (organization_id, id, evaluation_query_id, message_id, signal)
        values (%(organization_id)s, %(promotions)s, %(evaluation_queries)s, %(messages)s, 'negative')""",
    "conversations.source_issues": b"""
        insert into conversations.source_issues (organization_id, id, data_source_id, document_id, message_id, words)
        values (%(organization_id)s, %(source_issues)s, %(data_sources)s, %(documents)s, %(messages)s,
            'The rules are out of date.')""",
    "conversations.logged_comparisons": b"""
        insert into conversations.logged_comparisons (organization_id, id, baseline_id, candidate_id, asked, depth,
            overlapping, first_changed, moved, both_found, won, lost, neither_found)
        values (%(organization_id)s, %(logged_comparisons)s, %(model_config_versions)s, %(model_config_versions)s, 1,
            8, 1, 0, 0, 1, 0, 0, 0)""",
    "conversations.message_feedback": b"""
        insert into conversations.message_feedback (organization_id, id, message_id, feedback)
        values (%(organization_id)s, %(message_feedback)s, %(messages)s, 'negative')""",
    "conversations.usage": b"""
        insert into conversations.usage (organization_id, id, chatbot_id, message_id, model, response_time)
        values (%(organization_id)s, %(usage)s, %(chatbots)s, %(messages)s, 'extractive', 0.1)""",
    "conversations.daily_answers": b"""
        insert into conversations.daily_answers (organization_id, id, day, chatbot_id, answered, no_answer, failed,
            cancelled, canned, handed_over, turned_away, questions, searches, without_result, seconds_n, retrieval_n,
            score_n, prompt_n, cost_n, seconds, answered_scores, unanswered_scores)
        values (%(organization_id)s, %(daily_answers)s, '2026-01-01', %(chatbots)s, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
            0, 0, 0, '', '', '')""",
    "conversations.daily_thumbs": b"""
        insert into conversations.daily_thumbs (organization_id, id, day, chatbot_id, given, positive, with_reason)
        values (%(organization_id)s, %(daily_thumbs)s, '2026-01-01', %(chatbots)s, 2, 1, 1)""",
    "conversations.daily_latencies": b"""
        insert into conversations.daily_latencies (organization_id, id, day, chatbot_id, stage, answers)
        values (%(organization_id)s, %(daily_latencies)s, '2026-01-01', %(chatbots)s, 'whole', 1)""",
    "conversations.daily_scores": b"""
        insert into conversations.daily_scores (organization_id, id, day, chatbot_id, configuration_id, retrievals,
            without_result, scores)
        values (%(organization_id)s, %(daily_scores)s, '2026-01-01', %(chatbots)s, %(model_config_versions)s, 1, 1,
            0)""",
    "conversations.daily_usage": b"""
        insert into conversations.daily_usage (organization_id, id, day, model, requests, prompt_tokens,
            completion_tokens, tokens, unpriced_requests, unpriced_tokens, response_seconds)
        values (%(organization_id)s, %(daily_usage)s, '2026-01-01', 'small', 1, 1, 1, 2, 1, 2, 0.5)""",
    "conversations.daily_citations": b"""
        insert into conversations.daily_citations (organization_id, id, day, document_id, answers, citations,
            first_cited_at, last_cited_at)
        values (%(organization_id)s, %(daily_citations)s, '2026-01-01', %(documents)s, 1, 1, now(), now())""",
    "conversations.daily_opinions": b"""
        insert into conversations.daily_opinions (organization_id, id, day, document_id, liked, disliked)
        values (%(organization_id)s, %(daily_opinions)s, '2026-01-01', %(documents)s, 1, 0)""",
    "conversations.summed_days": b"""
        insert into conversations.summed_days (organization_id, id, day)
        values (%(organization_id)s, %(summed_days)s, '2026-01-01')""",
    "conversations.changed_days": b"""
        insert into conversations.changed_days (organization_id, id, day, sums)
        values (%(organization_id)s, %(changed_days)s, '2026-01-02', 'thumbs')""",
}


def insert_rows(connection: Connection, organization_id: UUID) -> None:
    """Insert one row into every table, in a transaction of the organization, which comes to be with them."""
    for statement in ROWS.values():
        connection.execute(statement, row_ids(organization_id))


def row_ids(organization_id: UUID) -> dict[str, UUID]:
    """The ids of an organization's rows by the name of their table, and the organization's own."""
    ids = {table.split(".")[1]: uuid5(organization_id, table) for table in ROWS}
    return ids | {"organization_id": organization_id}
