-- count_of_documents: the rows that hang on these documents, by table.
select (select count(*) from knowledge.documents d
        where d.organization_id = %(organization_id)s and d.id = any (%(ids)s)) as "knowledge.documents",
       (select count(*) from knowledge.document_versions v
        where v.organization_id = %(organization_id)s and v.document_id = any (%(ids)s)) as "knowledge.document_versions",
       (select count(*) from knowledge.chunks c
        where c.organization_id = %(organization_id)s and c.document_id = any (%(ids)s)) as "knowledge.chunks",
       (select count(*) from knowledge.sync_failures f
        where f.organization_id = %(organization_id)s and f.document_id = any (%(ids)s)) as "knowledge.sync_failures",
       (select count(*) from bots.evaluation_judgments j
        where j.organization_id = %(organization_id)s and j.document_id = any (%(ids)s)) as "bots.evaluation_judgments",
       (select count(*) from bots.evaluation_queries q
        where q.organization_id = %(organization_id)s and q.document_id = any (%(ids)s)) as "bots.evaluation_queries",
       (select count(*) from conversations.source_issues i
        where i.organization_id = %(organization_id)s and i.document_id = any (%(ids)s)) as "conversations.source_issues",
       (select count(*) from conversations.citations c
        where c.organization_id = %(organization_id)s and c.document_id = any (%(ids)s)
          and c.purged_at is null) as "conversations.citations",
       (select count(*) from conversations.question_cluster_passages p
        where p.organization_id = %(organization_id)s
          and p.document_id = any (%(ids)s)) as "conversations.question_cluster_passages";

-- count_of_source: the rows that hang on a source without documents, by table.
select (select count(*) from knowledge.data_sources s
        where s.organization_id = %(organization_id)s and s.id = %(id)s) as "knowledge.data_sources",
       (select count(*) from knowledge.training_jobs j
        where j.organization_id = %(organization_id)s and j.data_source_id = %(id)s) as "knowledge.training_jobs",
       (select count(*) from knowledge.partial_uploads p
        where p.organization_id = %(organization_id)s and p.data_source_id = %(id)s) as "knowledge.partial_uploads",
       (select count(*) from knowledge.upload_parts u
        join knowledge.partial_uploads p on p.organization_id = %(organization_id)s and p.id = u.partial_upload_id
        where u.organization_id = %(organization_id)s and p.data_source_id = %(id)s) as "knowledge.upload_parts",
       (select count(*) from knowledge.sync_failures f
        where f.organization_id = %(organization_id)s and f.data_source_id = %(id)s) as "knowledge.sync_failures",
       (select count(*) from knowledge.tombstones t
        where t.organization_id = %(organization_id)s and t.data_source_id = %(id)s) as "knowledge.tombstones",
       (select count(*) from knowledge.data_source_tags t
        where t.organization_id = %(organization_id)s and t.data_source_id = %(id)s) as "knowledge.data_source_tags",
       (select count(*) from bots.chatbot_data_sources c
        where c.organization_id = %(organization_id)s and c.data_source_id = %(id)s) as "bots.chatbot_data_sources",
       (select count(*) from bots.agent_data_sources a
        where a.organization_id = %(organization_id)s and a.data_source_id = %(id)s) as "bots.agent_data_sources",
       (select count(*) from bots.evaluation_queries q
        where q.organization_id = %(organization_id)s and q.data_source_id = %(id)s) as "bots.evaluation_queries",
       (select count(*) from conversations.source_issues i
        where i.organization_id = %(organization_id)s and i.data_source_id = %(id)s) as "conversations.source_issues";

-- count_of_removal: what the removal of a source takes away first: its chunks, and all vectors there are.
select (select count(*) from knowledge.chunks c
        where c.organization_id = %(organization_id)s and c.data_source_id = %(id)s) as "knowledge.chunks",
       (select count(*) from knowledge.embeddings e
        where e.organization_id = %(organization_id)s) as "knowledge.embeddings";

-- count_of_sessions: the rows that hang on these conversations, by table.
select (select count(*) from conversations.sessions s
        where s.organization_id = %(organization_id)s and s.id = any (%(ids)s)) as "conversations.sessions",
       (select count(*) from conversations.messages m
        where m.organization_id = %(organization_id)s and m.session_id = any (%(ids)s)) as "conversations.messages",
       (select count(*) from conversations.citations c
        join conversations.messages m on m.organization_id = %(organization_id)s and m.id = c.message_id
        where c.organization_id = %(organization_id)s and m.session_id = any (%(ids)s)) as "conversations.citations",
       (select count(*) from conversations.interactions i
        where i.organization_id = %(organization_id)s and i.session_id = any (%(ids)s)) as "conversations.interactions",
       (select count(*) from conversations.background_tasks t
        where t.organization_id = %(organization_id)s and t.session_id = any (%(ids)s)) as "conversations.background_tasks",
       (select count(*) from conversations.message_feedback f
        join conversations.messages m on m.organization_id = %(organization_id)s and m.id = f.message_id
        where f.organization_id = %(organization_id)s and m.session_id = any (%(ids)s)) as "conversations.message_feedback",
       (select count(*) from conversations.source_issues i
        join conversations.messages m on m.organization_id = %(organization_id)s and m.id = i.message_id
        where i.organization_id = %(organization_id)s and m.session_id = any (%(ids)s)) as "conversations.source_issues",
       (select count(*) from conversations.retrieval_logs l
        where l.organization_id = %(organization_id)s and l.session_id = any (%(ids)s)) as "conversations.retrieval_logs",
       (select count(*) from conversations.clustered_questions q
        join conversations.retrieval_logs l on l.organization_id = %(organization_id)s and l.id = q.retrieval_log_id
        where q.organization_id = %(organization_id)s
          and l.session_id = any (%(ids)s)) as "conversations.clustered_questions";

-- count_of_user: the rows that go with a user without conversations, and those that no longer name them, by table.
select (select count(*) from identity.users u
        where u.organization_id = %(organization_id)s and u.id = %(id)s) as "identity.users",
       (select count(*) from identity.memberships m
        where m.organization_id = %(organization_id)s and m.user_id = %(id)s) as "identity.memberships",
       (select count(*) from identity.api_keys k
        where k.organization_id = %(organization_id)s and k.user_id = %(id)s) as "identity.api_keys",
       (select count(*) from identity.provider_keys k
        where k.organization_id = %(organization_id)s and k.user_id = %(id)s) as "identity.provider_keys",
       (select count(*) from identity.knowledge_settings k
        where k.organization_id = %(organization_id)s and k.user_id = %(id)s) as "identity.knowledge_settings",
       (select count(*) from identity.notification_deliveries n
        where n.organization_id = %(organization_id)s and n.user_id = %(id)s) as "identity.notification_deliveries",
       (select count(*) from conversations.usage u
        where u.organization_id = %(organization_id)s and u.user_id = %(id)s) as "conversations.usage",
       (select count(*) from knowledge.documents d
        where d.organization_id = %(organization_id)s and d.user_id = %(id)s) as "knowledge.documents (no owner now)",
       (select count(*) from knowledge.data_sources s
        where s.organization_id = %(organization_id)s and s.user_id = %(id)s) as "knowledge.data_sources (no owner now)",
       (select count(*) from bots.chatbots b
        where b.organization_id = %(organization_id)s and b.user_id = %(id)s) as "bots.chatbots (no owner now)";

-- select_documents_of_source: all documents of a source, deleted ones too; members before what they are members of.
select id from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(id)s
order by (parent_id is null), file_path desc;

-- select_sessions_of_user: some of the conversations that a user took part in.
select s.id from conversations.sessions s
where s.organization_id = %(organization_id)s and (s.user_id = %(id)s or exists (
    select from conversations.messages m
    where m.organization_id = %(organization_id)s and m.session_id = s.id and m.sender_id = %(id)s))
order by s.created_at, s.id
limit %(at_most)s;

-- select_sessions: some of the conversations.
select s.id from conversations.sessions s
where s.organization_id = %(organization_id)s
order by s.created_at, s.id
limit %(at_most)s;

-- count_of_organization: what people know of an organization, by table.
select (select count(*) from identity.users u where u.organization_id = %(organization_id)s) as "identity.users",
       (select count(*) from knowledge.data_sources d
        where d.organization_id = %(organization_id)s) as "knowledge.data_sources",
       (select count(*) from knowledge.documents d
        where d.organization_id = %(organization_id)s) as "knowledge.documents",
       (select count(*) from bots.chatbots c where c.organization_id = %(organization_id)s) as "bots.chatbots",
       (select count(*) from conversations.sessions s
        where s.organization_id = %(organization_id)s) as "conversations.sessions",
       (select count(*) from knowledge.erasure_receipts r
        where r.organization_id = %(organization_id)s) as "knowledge.erasure_receipts";
