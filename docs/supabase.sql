-- The simple tables that `python -m eqho.sources.supabase_push` fills, and who may read them.
-- Run it once in the SQL editor of the Supabase project; running it again changes nothing.

create table if not exists public.stripe_customers (
    stripe_customer_id text primary key,
    name text,
    email text,
    metadata jsonb not null default '{}',          -- stripe: the whole object
    last_synced_at timestamptz not null default now()
);

create table if not exists public.stripe_subscriptions (
    stripe_subscription_id text primary key,
    stripe_customer_id text not null,
    status text not null,
    current_period_start timestamptz,
    current_period_end timestamptz,
    cancel_at_period_end boolean not null default false,
    price_id text,
    product_id text,
    product_name text,
    amount_cents numeric,                          -- of one unit of the first item, in minor units
    amount_monthly numeric,                        -- of all its units, a month, in minor units
    currency text,
    billing_interval text,                         -- month, year, 3 months, …
    product_category text,
    revenue_segment text,
    metadata jsonb not null default '{}',          -- quantity, stripe_created; stripe: the whole object
    last_synced_at timestamptz not null default now()
);

-- MRR as a script of the company's own has recorded it: shown on Data & cache under its own name, never mixed
-- with what is computed. supabase_push does not write it.
create table if not exists public.mrr_snapshots (
    snapshot_date date not null,
    product text not null default 'all',
    currency text not null,
    mrr_cents numeric,                             -- in minor units; or a column mrr, in major ones
    customers integer,
    primary key (snapshot_date, product, currency)
);

-- What was written since the last refresh is asked for by this column.
create index if not exists stripe_customers_synced on public.stripe_customers (last_synced_at, stripe_customer_id);
create index if not exists stripe_subscriptions_synced
    on public.stripe_subscriptions (last_synced_at, stripe_subscription_id);

-- Nobody sees a row without a policy, whatever the grants.
alter table public.stripe_customers enable row level security;
alter table public.stripe_subscriptions enable row level security;
alter table public.mrr_snapshots enable row level security;

-- A role that only reads, for SUPABASE_KEY: sign a JWT with the claim "role": "eqho_reader".
do $$ begin
    if not exists (select from pg_roles where rolname = 'eqho_reader') then
        create role eqho_reader nologin;
    end if;
end $$;
grant eqho_reader to authenticator;
grant usage on schema public to eqho_reader;
grant select on public.stripe_customers, public.stripe_subscriptions, public.mrr_snapshots to eqho_reader;
drop policy if exists eqho_reader_selects on public.stripe_customers;
create policy eqho_reader_selects on public.stripe_customers for select to eqho_reader using (true);
drop policy if exists eqho_reader_selects on public.stripe_subscriptions;
create policy eqho_reader_selects on public.stripe_subscriptions for select to eqho_reader using (true);
drop policy if exists eqho_reader_selects on public.mrr_snapshots;
create policy eqho_reader_selects on public.mrr_snapshots for select to eqho_reader using (true);

-- The service role, which bypasses row level security, pushes.
grant usage on schema public to service_role;
grant select, insert, update on public.stripe_customers, public.stripe_subscriptions, public.mrr_snapshots
    to service_role;

notify pgrst, 'reload schema';
