"""The tables of each shape, as their engines' migrations make them, and rows for them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Raw = dict[str, Any]

ENGINE_TABLES = {
    "product": "products",
    "price": "prices",
    "coupon": "coupons",
    "customer": "customers",
    "subscription": "subscriptions",
    "subscription_schedule": "subscription_schedules",
    "invoice": "invoices",
    "credit_note": "credit_notes",
    "refund": "refunds",
    "dispute": "disputes",
}
GRANTS = """
grant usage on schema stripe to service_role;
grant select on all tables in schema stripe to service_role;
"""
_TOUCH = """
create function stripe.touch() returns trigger language plpgsql as
$$ begin new._updated_at = clock_timestamp(); return new; end $$;
"""
_RUNS = """
create table stripe._sync_runs (_account_id text, started_at timestamptz, closed_at timestamptz,
    status text, error_message text);
create view stripe.sync_runs as select _account_id as account_id, started_at, closed_at, status, error_message
    from stripe._sync_runs;
insert into stripe._sync_runs values ('acct_1', now() - interval '1 hour', now(), 'complete', null);
"""


def managed_tables() -> str:
    """Shape A: the object in `_raw_data`, the id generated from it, the time of the last write."""
    tables = "".join(
        f"""create table stripe.{table} (
            _raw_data jsonb not null, _last_synced_at timestamptz default now(),
            _updated_at timestamptz not null default clock_timestamp(),
            _account_id text not null default 'acct_1',
            id text generated always as ((_raw_data ->> 'id')::text) stored primary key);
        create trigger touch before update on stripe.{table} for each row execute function stripe.touch();
        """
        for table in ENGINE_TABLES.values()
    )
    return f"create schema stripe; {_TOUCH} {tables} {_RUNS} {GRANTS}"


def replit_tables() -> str:
    """Shape A′: as A, with its own book-keeping instead of runs."""
    return managed_tables() + (
        "drop view stripe.sync_runs; drop table stripe._sync_runs;"
        "create table stripe._sync_status (resource text, status text); " + GRANTS
    )


def put(kind: str, bodies: Iterable[Raw], account: str = "acct_1", at: int | None = None) -> str:
    """SQL that upserts objects of an account into a table of shape A. `at`: when new rows are written, in UTC
    seconds, if not now."""
    written = "clock_timestamp()" if at is None else f"to_timestamp({at})"
    return (
        f"insert into stripe.{ENGINE_TABLES[kind]} (_raw_data, _account_id, _updated_at) "
        f"select value, '{account}', {written} from jsonb_array_elements({_literal(bodies)}) "
        "on conflict (id) do update set _raw_data = excluded._raw_data, _last_synced_at = now();"
    )


def put_columns(kind: str, bodies: Iterable[Raw]) -> str:
    """SQL that fills a table of shape B, which keeps what it has a column for."""
    table = f"stripe.{ENGINE_TABLES[kind]}"
    return (
        f"insert into {table} select (jsonb_populate_record(null::{table}, value || "
        f"""'{{"updated_at": "2026-11-22T12:00:00Z", "last_synced_at": "2026-11-22T12:00:00Z"}}')).* """
        f"from jsonb_array_elements({_literal(bodies)});"
    )


def _literal(bodies: Iterable[Raw]) -> str:
    return f"$json${json.dumps(list(bodies))}$json$::jsonb"


_COLUMNS = Path(__file__).resolve().parents[1] / "fixtures/supabase/engine-columns.tsv"
_ENUMS = """
create type stripe.subscription_status as enum ('trialing', 'active', 'canceled', 'incomplete',
    'incomplete_expired', 'past_due', 'unpaid', 'paused');
create type stripe.invoice_status as enum ('draft', 'open', 'paid', 'uncollectible', 'void', 'deleted');
create type stripe.pricing_type as enum ('one_time', 'recurring');
create type stripe.pricing_tiers as enum ('graduated', 'volume');
create type stripe.subscription_schedule_status as enum ('not_started', 'active', 'completed', 'released',
    'canceled');
"""


def library_tables(version: str) -> str:
    """Shape B: the columns of one version's migrations."""
    columns: dict[str, list[str]] = {}
    for line in _COLUMNS.read_text().splitlines()[1:]:
        of, table, column, kind = line.split("\t")
        if of == version:
            typed = f"stripe.{kind}" if kind.startswith(("subscription_", "invoice_", "pricing_")) else kind
            key = " primary key" if column == "id" else ""
            columns.setdefault(table, []).append(f'"{column}" {typed}{key}')
    tables = "".join(f"create table stripe.{table} ({', '.join(found)});" for table, found in columns.items())
    return f"create schema stripe; {_ENUMS} {tables} {GRANTS}"
