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

create table bots.evaluation_results (
    organization_id     uuid not null,
    evaluation_run_id   uuid not null,
    evaluation_query_id uuid not null,
    document_ids        uuid[] not null,
    first_rank          integer check (first_rank > 0),
    ndcg_at_10          double precision,
    recall_at_10        double precision,
    mrr_at_10           double precision,
    primary key (organization_id, evaluation_run_id, evaluation_query_id),
    foreign key (organization_id, evaluation_run_id) references bots.evaluation_runs on delete cascade,
    foreign key (organization_id, evaluation_query_id) references bots.evaluation_queries on delete cascade
);
create index evaluation_results_query on bots.evaluation_results (organization_id, evaluation_query_id);
comment on table bots.evaluation_results is
    'What a run found for one question: the first ten documents in their order, where the first that answers stands among a hundred, and the metrics; null where they are not defined.';
call identity.protect('bots.evaluation_results');

create table bots.version_comparisons (
    organization_id     uuid not null,
    id                  uuid not null default gen_random_uuid(),
    evaluation_set_id   uuid,
    baseline_id         uuid not null,
    candidate_id        uuid not null,
    metric              text not null,
    queries             integer not null check (queries >= 0),
    baseline_value      double precision,
    candidate_value     double precision,
    difference          double precision,
    low                 double precision,
    high                double precision,
    p_value             double precision check (p_value between 0 and 1),
    won                 integer not null check (won >= 0),
    lost                integer not null check (lost >= 0),
    compared            integer not null check (compared >= 0),
    moved               integer not null check (moved >= 0),
    overlap_at_10       double precision check (overlap_at_10 between 0 and 1),
    created_at          timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, evaluation_set_id) references bots.evaluation_sets on delete cascade,
    foreign key (organization_id, baseline_id) references bots.model_config_versions on delete cascade,
    foreign key (organization_id, candidate_id) references bots.model_config_versions on delete cascade
);
create index version_comparisons_candidate
    on bots.version_comparisons (organization_id, candidate_id, baseline_id, created_at desc);
create index version_comparisons_baseline on bots.version_comparisons (organization_id, baseline_id);
create index version_comparisons_set on bots.version_comparisons (organization_id, evaluation_set_id);
comment on table bots.version_comparisons is
    'The same questions asked by two versions of a chatbot, a row for each metric and set, and for all sets together (no set): how the answers differ, with the 95 % interval of the paired difference. Null where it is not defined, never zero instead.';
call identity.protect('bots.version_comparisons');
