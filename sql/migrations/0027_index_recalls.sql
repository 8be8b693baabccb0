-- How well searches along vector indexes find what an exact search finds: kept, so that a fall can be seen.

set local role millrace_owner;

create table knowledge.index_recalls (
    organization_id    uuid not null,
    id                 uuid not null default gen_random_uuid(),
    embedding_model_id uuid not null,
    passages           bigint not null check (passages >= 0),
    questions          integer not null check (questions >= 0),
    recall             double precision not null check (recall between 0 and 1),
    low                double precision not null,
    high               double precision not null,
    short              integer not null check (short >= 0),
    measured_at        timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, embedding_model_id) references knowledge.embedding_models on delete cascade,
    check (low <= recall and recall <= high)
);
create index index_recalls_measured on knowledge.index_recalls (organization_id, measured_at);
create index index_recalls_model on knowledge.index_recalls (organization_id, embedding_model_id);
comment on table knowledge.index_recalls is
    'Each night, for a model with an index: the share of the ten nearest vectors that is found along it, with its 95 % interval (Wilson), in a scope of so many passages. Short: answers with fewer rows than the exact ones.';
call identity.protect('knowledge.index_recalls');

-- The analyst reads them too.
grant select on knowledge.index_recalls to millrace_analyst;
grant select (organization_id, id, name) on knowledge.embedding_models to millrace_analyst;
create policy analyst on knowledge.index_recalls as restrictive for select to millrace_analyst
    using (organization_id = (select identity.organization_of_analyst()));
create policy analyst on knowledge.embedding_models as restrictive for select to millrace_analyst
    using (organization_id = (select identity.organization_of_analyst()));
