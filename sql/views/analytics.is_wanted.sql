-- What a filter asks for: the one place where that is said. A planner sees into it, so what is null costs nothing.
create or replace function analytics.is_wanted(
    chatbot text, agent text, configuration integer, model text, source text, language text, tags text[],
    of_chatbot text, of_agent text, of_configuration integer, of_model text, of_source text, of_language text,
    of_tag text) returns boolean
    language sql immutable parallel safe
    return (of_chatbot is null or chatbot = of_chatbot)
        and (of_agent is null or agent = of_agent)
        and (of_configuration is null or configuration = of_configuration)
        and (of_model is null or model = of_model)
        and (of_source is null or source = of_source)
        and (of_language is null or language = of_language)
        and (of_tag is null or of_tag = any (tags));
alter function analytics.is_wanted(text, text, integer, text, text, text, text[], text, text, integer, text, text,
    text, text) owner to millrace_owner;
comment on function analytics.is_wanted(text, text, integer, text, text, text, text[], text, text, integer, text, text,
    text, text) is 'Whether a row of these names is among those of a filter; a null of the filter asks for nothing.';
