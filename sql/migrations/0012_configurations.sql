-- The life of a configuration: a draft is built beside the active one, measured, activated in one step, and kept for a way back.

set local role millrace_owner;

drop trigger keep_configurations_frozen on bots.model_config_versions;
drop index bots.model_config_versions_active;
alter table bots.model_config_versions no force row level security;

alter table bots.model_config_versions
    add column status text not null default 'draft'
        check (status in ('draft', 'building', 'evaluated', 'active', 'retired')),
    add column system_prompt text,
    add column description text not null default '',
    add column created_by text,
    add column built_at timestamptz,
    add column build_problem text,
    add column evaluated_at timestamptz,
    add column activated_at timestamptz,
    add column activated_by text,
    add column forced_reason text check (forced_reason <> ''),
    add column retired_at timestamptz,
    add column kept_until timestamptz;
update bots.model_config_versions
set status = case when active then 'active' else 'retired' end, built_at = created_at,
    activated_at = created_at, retired_at = case when not active then now() end;
alter table bots.model_config_versions drop column active;
alter table bots.model_config_versions
    add column active boolean generated always as (status = 'active') stored,
    -- deferrable, so that one statement can put another version in the place of the active one
    add constraint model_config_versions_active
        exclude (organization_id with =, chatbot_id with =) where (status = 'active') deferrable initially immediate;
alter table bots.model_config_versions force row level security;

comment on table bots.model_config_versions is
    'Recipes of a chatbot: which models, how texts are cut, how many passages, how scores are weighed, in which words the model is instructed. Frozen from the moment that they are built. One is active; what comes after it is made ready beside it, and what was before it stays ready until kept_until.';
comment on column bots.model_config_versions.system_prompt is
    'The instructions of the chatbot as they were when the version was built; null: as the chatbot has them.';
comment on column bots.model_config_versions.build_problem is 'Why its passages and vectors are not all there, in words.';
comment on column bots.model_config_versions.forced_reason is
    'Why it was activated although the checks refused it; by whom stands in activated_by.';

create or replace function bots.keep_configurations_frozen() returns trigger
    language plpgsql as $$
declare
    life text[] := array['status', 'active', 'built_at', 'build_problem', 'evaluated_at', 'activated_at',
                         'activated_by', 'forced_reason', 'retired_at', 'kept_until'];
begin
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
comment on function bots.keep_configurations_frozen() is
    'The life of a configuration: which state follows which, and that nothing else of it changes once it is no draft.';
create trigger keep_configurations_frozen before update on bots.model_config_versions
    for each row execute function bots.keep_configurations_frozen();
