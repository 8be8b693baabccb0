-- Recipes of chatbots: when a question is off topic, how it is understood, how many passages one document may give, and
-- which version of the embedding model they are bound to.

set local role millrace_owner;

alter table bots.model_config_versions
    add column off_topic_threshold double precision not null default 0 check (off_topic_threshold between 0 and 1),
    add column query_understanding text not null default 'none'
        check (query_understanding in ('none', 'standalone', 'subquestions')),
    add column max_per_document integer check (max_per_document between 1 and 200),
    add column embedding_model_version text check (embedding_model_version <> '');
comment on column bots.model_config_versions.off_topic_threshold is
    'A share of the most that BM25 can give for a question: where no passage reaches it, the question is off topic, and nothing is found. 0: never.';
comment on column bots.model_config_versions.query_understanding is
    'What a question becomes before it is searched for: nothing else; a question that stands without what was said before; or several.';
comment on column bots.model_config_versions.max_per_document is
    'So many passages of one document may be offered; null: any number.';
comment on column bots.model_config_versions.embedding_model_version is
    'Of the model that its vectors are made by: null until the first of them; never changed then.';

create or replace function bots.keep_configurations_frozen() returns trigger
    language plpgsql as $$
declare
    life text[] := array['status', 'active', 'built_at', 'build_problem', 'evaluated_at', 'activated_at',
                         'activated_by', 'forced_reason', 'retired_at', 'kept_until'];
begin
    if old.embedding_model_version is null then
        life := life || array['embedding_model_version'];
    end if;
    if old.status <> 'draft' and to_jsonb(new) - life is distinct from to_jsonb(old) - life then
        raise exception 'configuration % of chatbot % is frozen: create a new version', old.number, old.chatbot_id
            using errcode = 'integrity_constraint_violation';
    end if;
    if old.status <> new.status and (old.status, new.status) not in (
            ('draft', 'building'), ('draft', 'active'), ('draft', 'retired'),
            ('building', 'evaluated'), ('building', 'active'), ('building', 'retired'),
            ('evaluated', 'building'), ('evaluated', 'active'), ('evaluated', 'retired'),
            ('active', 'retired'),
            ('retired', 'building'), ('retired', 'active')) then
        raise exception 'configuration % of chatbot % is % and cannot become %',
            old.number, old.chatbot_id, old.status, new.status
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
