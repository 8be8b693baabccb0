-- Access: people sign in with a browser by a link that works once; what they may do follows from their role.

set local role millrace_owner;

alter table identity.api_keys drop constraint api_keys_scopes_check;
alter table identity.api_keys add constraint api_keys_scopes_check
    check (scopes <@ '{chat,search,manage,analyze,administer}'::text[]);

create table identity.sign_in_links (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    user_id         uuid not null,
    digest          bytea not null check (length(digest) = 32),
    expires_at      timestamptz not null,
    used_at         timestamptz,
    created_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, user_id) references identity.users on delete cascade
);
create unique index sign_in_links_id on identity.sign_in_links (id);
create index sign_in_links_user on identity.sign_in_links (organization_id, user_id);
create index sign_in_links_expires_at on identity.sign_in_links (organization_id, expires_at);
comment on table identity.sign_in_links is
    'Links that let one person in once, for some minutes. Only the SHA-256 of the secret part is kept.';
call identity.protect('identity.sign_in_links');
revoke select on identity.sign_in_links from millrace_api;
grant select (organization_id, id, user_id, expires_at, used_at, created_at) on identity.sign_in_links to millrace_api;
grant update (used_at) on identity.sign_in_links to millrace_api;

create table identity.browser_sessions (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    user_id         uuid not null,
    digest          bytea not null check (length(digest) = 32),
    browser         text not null default '',
    expires_at      timestamptz not null,
    ended_at        timestamptz,
    last_used_at    timestamptz,
    created_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, user_id) references identity.users on delete cascade
);
create unique index browser_sessions_id on identity.browser_sessions (id);
create index browser_sessions_user on identity.browser_sessions (organization_id, user_id);
create index browser_sessions_expires_at on identity.browser_sessions (organization_id, expires_at);
comment on table identity.browser_sessions is
    'Browsers in which somebody is signed in. Only the SHA-256 of the cookie''s secret part is kept.';
call identity.protect('identity.browser_sessions');
revoke select on identity.browser_sessions from millrace_api;
grant select (organization_id, id, user_id, browser, expires_at, ended_at, last_used_at, created_at)
    on identity.browser_sessions to millrace_api;
grant insert, update (ended_at, last_used_at) on identity.browser_sessions to millrace_api;
grant update (last_login_at) on identity.users to millrace_api;

-- The directory answers two more questions that come before an organization is known.
create policy directory on identity.sign_in_links for select to millrace_directory using (true);
create policy directory on identity.browser_sessions for select to millrace_directory using (true);
create policy directory on identity.users for select to millrace_directory using (true);
create policy directory on identity.memberships for select to millrace_directory using (true);
grant select on identity.sign_in_links, identity.browser_sessions to millrace_directory;
grant select (organization_id, id, username, is_active) on identity.users to millrace_directory;
grant select on identity.memberships to millrace_directory;

-- Limits on how often a key or a person may ask, beside those of agents, and how much of each is used up now.
alter table identity.api_keys
    add column rate_limit_per_hour integer check (rate_limit_per_hour between 1 and 1000000),
    add column rate_limit_per_day integer check (rate_limit_per_day between 1 and 1000000);
grant select (rate_limit_per_hour, rate_limit_per_day) on identity.api_keys to millrace_api;
alter table identity.memberships
    add column rate_limit_per_hour integer check (rate_limit_per_hour between 1 and 1000000),
    add column rate_limit_per_day integer check (rate_limit_per_day between 1 and 1000000);

-- Not logged: after a crash everybody may ask as if they had not asked before, and no question waits for the disk.
create unlogged table identity.allowances (
    organization_id uuid not null references identity.organizations on delete cascade,
    subject_id      uuid not null,
    span_s          integer not null check (span_s in (3600, 86400)),
    most            integer not null check (most > 0),
    busy_until      timestamptz not null,
    primary key (organization_id, subject_id, span_s)
);
comment on table identity.allowances is
    'How much of its limit a key, a person or an agent has used: each question moves busy_until on by span / most (GCRA).';
call identity.protect('identity.allowances');
grant insert, update on identity.allowances to millrace_api;
