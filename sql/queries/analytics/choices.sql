-- select_all: what filters may name, the kinds and names in order.
select 'chatbot' as kind, name from bots.chatbots where organization_id = %(organization_id)s
union
select 'agent', name from bots.agents where organization_id = %(organization_id)s
union
select 'configuration', number::text from bots.model_config_versions where organization_id = %(organization_id)s
union
select 'model', llm_model from bots.model_config_versions where organization_id = %(organization_id)s
union
select 'source', name from knowledge.data_sources where organization_id = %(organization_id)s and deleted_at is null
union
select 'tag', name from knowledge.tags where organization_id = %(organization_id)s and deleted_at is null
union
select 'language', language from knowledge.documents
where organization_id = %(organization_id)s and language is not null
order by kind, name;
