-- Secrets that can be told apart by their key, and people who are told what happened.

set local role millrace_owner;

create function identity.sealing_key(sealed bytea) returns text
    language sql immutable parallel safe
    return case when length(sealed) > 4 and substr(sealed, 1, 3) = 'mr1'
                then encode(substr(sealed, 5, get_byte(sealed, 3)), 'escape') end;
comment on function identity.sealing_key(bytea) is
    'The id of the key that wraps a sealed secret, which is no secret itself; null for what is none.';

-- The API asks models with an organization's own key: it reads what is sealed, and opens it with the operator's keyring.
grant select (ciphertext) on identity.provider_keys to millrace_api;

create table identity.notification_channels (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    name            text not null check (length(name) between 1 and 100),
    kind            text not null check (kind in ('webhook', 'email')),
    destination     text not null,
    sealed          bytea not null,
    events          text[] not null default '{}',
    is_active       boolean not null default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, name)
);
comment on table identity.notification_channels is
    'Where an organization is told of what happens; no events means all of them. destination is what may be shown (a webhook''s host, an e-mail address); the whole address and the secret that signs are sealed.';
call identity.protect('identity.notification_channels');
revoke select on identity.notification_channels from millrace_api;
grant select (organization_id, id, name, kind, destination, events, is_active, created_at, updated_at)
    on identity.notification_channels to millrace_api;

create table identity.notifications (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    event           text not null check (event ~ '^[a-z][a-z_]{0,39}$'),
    subject         text not null check (length(subject) between 1 and 300),
    body            jsonb not null default '{}' check (jsonb_typeof(body) = 'object'),
    dedup_key       text,
    times           integer not null default 1 check (times > 0),
    last_raised_at  timestamptz not null default now(),
    closed_at       timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id)
);
create unique index notifications_open on identity.notifications (organization_id, dedup_key) where closed_at is null;
create index notifications_created_at on identity.notifications (organization_id, created_at desc);
comment on table identity.notifications is
    'What happened, written together with it. The same dedup_key while the first is not closed is the same trouble: it is counted and not told again.';
call identity.protect('identity.notifications');

create table identity.notification_deliveries (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    notification_id uuid not null,
    channel_id      uuid,
    user_id         uuid,
    status          text not null default 'waiting' check (status in ('waiting', 'delivered', 'failed', 'skipped')),
    attempts        integer not null default 0 check (attempts >= 0),
    next_attempt_at timestamptz not null default now(),
    last_error      text,
    delivered_at    timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique nulls not distinct (organization_id, notification_id, channel_id, user_id),
    foreign key (organization_id, notification_id) references identity.notifications on delete cascade,
    foreign key (organization_id, channel_id) references identity.notification_channels on delete cascade,
    foreign key (organization_id, user_id) references identity.users on delete cascade,
    check (num_nonnulls(channel_id, user_id) = 1)
);
create index notification_deliveries_due on identity.notification_deliveries (organization_id, next_attempt_at)
    where status = 'waiting';
create index notification_deliveries_channel on identity.notification_deliveries (organization_id, channel_id);
create index notification_deliveries_user on identity.notification_deliveries (organization_id, user_id);
comment on table identity.notification_deliveries is
    'Who is to be told of a notification, through a channel or by e-mail as a user, and how that goes. failed: given up; skipped: there is no way to deliver it.';
call identity.protect('identity.notification_deliveries');

create policy directory on identity.notification_deliveries for select to millrace_directory using (true);
grant select on identity.notification_deliveries to millrace_directory;
