-- What models cost, how much of it an organization allows itself in a month, and what was spent.

set local role millrace_owner;

create table identity.model_prices (
    organization_id uuid not null references identity.organizations on delete cascade,
    model           text not null check (length(model) between 1 and 200),
    input           numeric(14, 6) not null check (input >= 0),
    output          numeric(14, 6) not null default 0 check (output >= 0),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, model)
);
comment on table identity.model_prices is
    'What an organization pays for a million tokens that a model reads (input) and speaks (output), in the currency of its budget.';
call identity.protect('identity.model_prices');

create table identity.budgets (
    organization_id uuid not null references identity.organizations on delete cascade,
    amount          numeric(14, 6) not null check (amount >= 0),
    currency        text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
    action          text not null default 'block' check (action in ('block', 'ask')),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id)
);
comment on table identity.budgets is
    'What an organization allows itself in a month (of UTC). Where it is reached, syncs embed no more: block, until there is money again; ask, until somebody approves more.';
call identity.protect('identity.budgets');

create table identity.budget_approvals (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    amount          numeric(14, 6) not null check (amount > 0),
    approved_by     text not null check (length(approved_by) between 1 and 200),
    created_at      timestamptz not null default now(),
    primary key (organization_id, id)
);
create index budget_approvals_created_at on identity.budget_approvals (organization_id, created_at);
comment on table identity.budget_approvals is 'What somebody allowed beyond the budget, for the month in which he did.';
call identity.protect('identity.budget_approvals');

create table identity.expenses (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    kind            text not null check (kind in ('embedding', 'answer')),
    model           text not null check (length(model) between 1 and 200),
    tokens          bigint not null check (tokens >= 0),
    cost            numeric(14, 6) check (cost >= 0),
    is_settled      boolean not null,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id)
);
create index expenses_created_at on identity.expenses (organization_id, created_at) include (cost);
comment on table identity.expenses is
    'What models were asked for money: a row for each batch of passages and each answer. Not settled: reserved before the model was asked, and its work is not stored, or never was. No cost: the model has no price.';
call identity.protect('identity.expenses');
grant insert on identity.expenses to millrace_api;
