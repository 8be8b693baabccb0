-- create: a new agent of a chatbot.
insert into bots.agents
    (organization_id, chatbot_id, user_id, name, description, type, model_name, conversation_mode, context_window,
     system_prompt, temperature, max_tokens, default_message, use_all_sources, max_documents, similarity_threshold,
     domain_keywords)
values
    (%(organization_id)s, %(chatbot_id)s, %(user_id)s, %(name)s, %(description)s, %(type)s, %(model_name)s,
     %(conversation_mode)s, %(context_window)s, %(system_prompt)s, %(temperature)s, %(max_tokens)s,
     %(default_message)s, %(use_all_sources)s, %(max_documents)s, %(similarity_threshold)s, %(domain_keywords)s)
returning id, chatbot_id, name, type, model_name, conversation_mode, context_window, system_prompt, temperature,
    max_tokens, default_message, use_all_sources, max_documents, similarity_threshold, domain_keywords, is_active,
    description, model_provider, model_parameters, fallback_models, memory_retention_days, user_prompt_template, top_p,
    frequency_penalty, presence_penalty, bias, stickness, rate_limit_per_hour, rate_limit_per_day, expertise_areas;

-- get: an agent by id.
select id, chatbot_id, name, type, model_name, conversation_mode, context_window, system_prompt, temperature,
    max_tokens, default_message, use_all_sources, max_documents, similarity_threshold, domain_keywords, is_active,
    description, model_provider, model_parameters, fallback_models, memory_retention_days, user_prompt_template, top_p,
    frequency_penalty, presence_penalty, bias, stickness, rate_limit_per_hour, rate_limit_per_day, expertise_areas
from bots.agents
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- select_all: the agents of a chatbot, the oldest first.
select id, chatbot_id, name, type, model_name, conversation_mode, context_window, system_prompt, temperature,
    max_tokens, default_message, use_all_sources, max_documents, similarity_threshold, domain_keywords, is_active,
    description, model_provider, model_parameters, fallback_models, memory_retention_days, user_prompt_template, top_p,
    frequency_penalty, presence_penalty, bias, stickness, rate_limit_per_hour, rate_limit_per_day, expertise_areas
from bots.agents
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and deleted_at is null
order by created_at, name;

-- set: how an agent speaks, from how much, and whether it takes questions.
update bots.agents
set type = %(type)s, model_name = %(model_name)s, conversation_mode = %(conversation_mode)s,
    context_window = %(context_window)s, system_prompt = %(system_prompt)s, temperature = %(temperature)s,
    max_tokens = %(max_tokens)s, default_message = %(default_message)s, use_all_sources = %(use_all_sources)s,
    max_documents = %(max_documents)s, similarity_threshold = %(similarity_threshold)s,
    domain_keywords = %(domain_keywords)s, is_active = %(is_active)s, description = %(description)s,
    model_provider = %(model_provider)s, model_parameters = %(model_parameters)s, fallback_models = %(fallback_models)s,
    memory_retention_days = %(memory_retention_days)s, user_prompt_template = %(user_prompt_template)s,
    top_p = %(top_p)s, frequency_penalty = %(frequency_penalty)s, presence_penalty = %(presence_penalty)s,
    bias = %(bias)s, stickness = %(stickness)s, rate_limit_per_hour = %(rate_limit_per_hour)s,
    rate_limit_per_day = %(rate_limit_per_day)s, expertise_areas = %(expertise_areas)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null
returning id, chatbot_id, name, type, model_name, conversation_mode, context_window, system_prompt, temperature,
    max_tokens, default_message, use_all_sources, max_documents, similarity_threshold, domain_keywords, is_active,
    description, model_provider, model_parameters, fallback_models, memory_retention_days, user_prompt_template, top_p,
    frequency_penalty, presence_penalty, bias, stickness, rate_limit_per_hour, rate_limit_per_day, expertise_areas;

-- remove: an agent takes no questions any more.
update bots.agents set deleted_at = now(), is_active = false
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- set_active: let an agent take questions, or rest.
update bots.agents set is_active = %(is_active)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- attach_source: let an agent read a source.
insert into bots.agent_data_sources (organization_id, agent_id, data_source_id)
values (%(organization_id)s, %(agent_id)s, %(source_id)s)
on conflict do nothing;

-- attach_tag: let an agent read the sources that bear a tag.
insert into bots.agent_tags (organization_id, agent_id, tag_id)
values (%(organization_id)s, %(agent_id)s, %(tag_id)s)
on conflict do nothing;

-- select_source_ids: the sources an agent reads, in one array; never one that its chatbot does not answer from.
select array_agg(s.id order by s.id)
from bots.agents a
join bots.chatbot_data_sources l on l.organization_id = a.organization_id and l.chatbot_id = a.chatbot_id
join knowledge.data_sources s on s.organization_id = l.organization_id and s.id = l.data_source_id
where a.organization_id = %(organization_id)s
  and a.id = %(id)s
  and s.deleted_at is null
  and (a.use_all_sources
       or exists (select from bots.agent_data_sources named
                  where named.organization_id = a.organization_id
                    and named.agent_id = a.id
                    and named.data_source_id = s.id)
       or exists (select from bots.agent_tags wanted
                  join knowledge.data_source_tags borne
                    on borne.organization_id = wanted.organization_id and borne.tag_id = wanted.tag_id
                  join knowledge.tags t on t.organization_id = wanted.organization_id and t.id = wanted.tag_id
                  where wanted.organization_id = %(organization_id)s
                    and wanted.agent_id = a.id
                    and borne.data_source_id = s.id
                    and t.deleted_at is null));

-- detach_sources: let an agent read no source by its name.
delete from bots.agent_data_sources where organization_id = %(organization_id)s and agent_id = %(agent_id)s;

-- detach_tags: let an agent read no source by a tag.
delete from bots.agent_tags where organization_id = %(organization_id)s and agent_id = %(agent_id)s;

-- select_source_names: the sources that an agent is bound to by name.
select s.name from bots.agent_data_sources named
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = named.data_source_id
where named.organization_id = %(organization_id)s and named.agent_id = %(agent_id)s and s.deleted_at is null
order by s.name;

-- select_tag_names: the tags of sources that an agent is bound to.
select t.name from bots.agent_tags wanted
join knowledge.tags t on t.organization_id = %(organization_id)s and t.id = wanted.tag_id
where wanted.organization_id = %(organization_id)s and wanted.agent_id = %(agent_id)s and t.deleted_at is null
order by t.name;
