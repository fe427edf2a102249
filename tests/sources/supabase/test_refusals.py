"""Whatever goes wrong is one sentence that says what to do, and never an account of nothing."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from postgrest.exceptions import APIError

from eqho.sources.base import KeyRefused, SourceDenied, SourceError, pages
from eqho.sources.supabase import SupabaseSource
from eqho.sources.supabase.refusals import refusal
from eqho.sync import Sync
from tests.services import plain_account
from tests.services.mongod import free_port
from tests.services.plain_account import NOW
from tests.services.postgres import Postgres
from tests.services.supabase_project import OpenProject, Project, key, supabase_project
from tests.services.supabase_tables import managed_tables, put
from tests.sources.supabase.rig import Rig, mrr, source_of

SOUND = (
    managed_tables()
    + put("price", [plain_account.price()])
    + put("subscription", [plain_account.subscription(1, NOW - 40 * 86_400)])
)
NEW_KEY = "take a current one from the project's settings (API keys) and set SUPABASE_KEY to it."
EXPOSE = (
    "The schema stripe is not exposed: add it to the exposed schemas in the project's settings (Data API). "
    "There is no table public.stripe_subscriptions either."
)
NO_ROWS = (
    "No rows of stripe.subscriptions are visible to SUPABASE_KEY: check its row level security and grants, "
    "for a key without a policy sees an empty table."
)


@pytest.fixture(scope="module")
def sound(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("sound")
    with supabase_project(postgres, "sound", SOUND, folder) as project:
        yield project


def sentence(source: SupabaseSource, kind: type[SourceError] = SourceError) -> str:
    with pytest.raises(kind) as raised:
        source.check()
    return str(raised.value)


def with_key(project: Project, text: str) -> SupabaseSource:
    return SupabaseSource(project.url, text, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (lambda: key(lasts=-40), "SUPABASE_KEY has expired"),
        (
            lambda: key(secret="another-secret-of-at-least-32-characters!!"),
            "SUPABASE_KEY is signed for another project than SUPABASE_URL names",
        ),
        (lambda: "not-a-key", "SUPABASE_KEY is no key of a Supabase project"),
        (lambda: "sb_secret_abcdefghijklmnopqrstuv_12345678", "SUPABASE_KEY is no key of a Supabase project"),
        (lambda: key("nobody"), "SUPABASE_KEY names a role that the database does not have"),
    ],
    ids=["expired", "signature", "malformed", "new style without gateway", "role"],
)
def test_a_key_that_is_refused_says_why(sound: Project, text: Callable[[], str], wrong: str) -> None:
    assert sentence(with_key(sound, text()), KeyRefused) == f"{wrong}: {NEW_KEY}"


def test_whatever_becomes_of_the_key_the_mirror_stays(sound: Project, tmp_path: Path) -> None:
    rig = Rig(source_of(sound), tmp_path)
    rig.run()
    lost = (
        key(lasts=-40), key(secret="another-secret-of-at-least-32-characters!!"), "not-a-key", key("nobody"),
        key("anon"),
    )  # fmt: skip
    for text in lost:
        rig.sync = Sync(with_key(sound, text), rig.store, lambda: rig.now)
        for full in (False, True):
            with pytest.raises(SourceError):
                rig.run(full=full)
        assert mrr(rig.ledger()[0]) == 100 * 1_000_000


def test_without_usage_of_the_schema_the_grants_are_named(sound: Project) -> None:
    assert sentence(source_of(sound, "anon"), SourceDenied) == (
        "SUPABASE_KEY may not read stripe.subscriptions (permission denied for schema stripe): run 'grant "
        "usage on schema stripe' and 'grant select on all tables in schema stripe' for the key's role."
    )


def test_row_level_security_that_hides_everything_is_no_empty_account(
    project: OpenProject, tmp_path: Path
) -> None:
    opened = project(
        SOUND + "grant usage on schema stripe to anon; grant select on all tables in schema stripe to anon;"
        "alter table stripe.subscriptions enable row level security;"
    )
    assert sentence(source_of(opened, "anon")) == NO_ROWS
    assert source_of(opened).check()  # the service role bypasses it


def test_rows_that_vanish_from_sight_leave_the_mirror_as_it_was(project: OpenProject, tmp_path: Path) -> None:
    opened = project(SOUND)
    rig = Rig(source_of(opened), tmp_path)
    rig.run()
    opened.sql("truncate stripe.subscriptions")
    with pytest.raises(SourceError) as raised:
        rig.run(full=True)
    assert str(raised.value) == NO_ROWS
    assert mrr(rig.ledger()[0]) == 100 * 1_000_000


def test_invoices_that_vanish_from_sight_do_not_take_the_history_along(
    project: OpenProject, tmp_path: Path
) -> None:
    opened = project(SOUND + put("invoice", [plain_account.invoice(1, 1, NOW - 30 * 86_400)]))
    rig = Rig(source_of(opened), tmp_path)
    rig.run()
    opened.sql("truncate stripe.invoices")
    with pytest.raises(
        SourceError, match="lists no invoice although 1 are known: check its key and permissions"
    ):
        rig.run(full=True)
    assert rig.store.count_objects()["invoice"] == 1
    opened.sql(put("invoice", [plain_account.invoice(number, 1, NOW - 30 * 86_400) for number in (1, 2)]))
    rig.run()
    assert rig.store.count_objects()["invoice"] == 2


def test_a_schema_that_is_not_exposed_is_named(project: OpenProject) -> None:
    assert sentence(source_of(project(SOUND, schemas="public"))) == EXPOSE


def test_a_project_without_any_of_the_tables_is_told_so(project: OpenProject) -> None:
    opened = project("create schema stripe; grant usage on schema stripe to service_role;")
    assert sentence(source_of(opened)) == (
        "There is no table public.stripe_subscriptions: check which project SUPABASE_URL names, or run "
        "'notify pgrst, ''reload schema''' if the table is new."
    )


def test_a_column_that_is_missing_is_named(project: OpenProject) -> None:
    opened = project(SOUND)
    source = source_of(opened)
    source.check()
    opened.sql("alter table stripe.prices rename column _raw_data to raw")
    with pytest.raises(SourceError) as raised:
        list(pages(source, "price", NOW))
    assert str(raised.value) == (
        "The table stripe.prices lacks a column that its shape has (column prices._raw_data does not exist): "
        "finish the migrations of what fills it."
    )


def test_a_table_that_may_not_be_read_costs_what_it_holds_and_nothing_else(
    project: OpenProject, tmp_path: Path
) -> None:
    opened = project(SOUND + "revoke select on stripe.credit_notes from service_role;")
    rig = Rig(source_of(opened), tmp_path)
    issues = rig.run().issues
    assert [issue.subjects for issue in issues if issue.code == "missing_permission"] == [("credit_note",)]
    assert mrr(rig.ledger()[0]) == 100 * 1_000_000


def test_foreign_tables_are_named_and_refused(project: OpenProject) -> None:
    opened = project(
        "create schema stripe; create table stripe.subscriptions (id text, customer text, attrs jsonb);"
        "insert into stripe.subscriptions values ('sub_1', 'cus_1', '{}');"
        "grant usage on schema stripe to service_role;"
        "grant select on all tables in schema stripe to service_role;"
    )
    assert sentence(source_of(opened)) == (
        "The tables of the schema stripe are foreign tables of the Stripe wrapper, which asks Stripe on "
        "every read and lists no ended subscriptions: set STRIPE_SECRET_KEY instead, or install the Stripe "
        "Sync Engine from the project's integrations."
    )


def test_a_server_that_is_down_is_told_with_its_address() -> None:
    port = free_port()
    source = SupabaseSource(f"http://127.0.0.1:{port}", key(), clock=lambda: NOW)
    assert sentence(source) == (
        f"Supabase does not answer at 127.0.0.1:{port} (ConnectError): check SUPABASE_URL, and whether the "
        "project is paused."
    )


@pytest.mark.parametrize("status", [200, 404])
def test_something_else_at_the_address_is_told_so(status: int) -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        source = SupabaseSource(f"http://127.0.0.1:{server.server_address[1]}", key(), clock=lambda: NOW)
        assert "not Supabase's Data API" in sentence(source)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("code", ["42P01", "PGRST205"])
def test_both_generations_name_a_missing_table(code: str) -> None:
    error = refusal(APIError({"code": code, "message": "?"}), "stripe", "prices")
    assert str(error).startswith("There is no table stripe.prices:")


@pytest.mark.parametrize("code", ["42703", "PGRST204"])
def test_both_generations_name_a_missing_column(code: str) -> None:
    error = refusal(APIError({"code": code, "message": "no tiers_mode"}), "stripe", "prices")
    assert str(error).startswith("The table stripe.prices lacks a column that its shape has (no tiers_mode):")


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (
            "update stripe._sync_runs set status = 'error', error_message = 'Stripe said no'",
            "The last run of the sync engine in Supabase failed (Stripe said no): figures are as of the run "
            "before it, so mend the engine in the project's integrations.",
        ),
        (
            "update stripe._sync_runs set closed_at = '2026-11-21 11:00+00'",
            "What fills the tables in Supabase last ran at 2026-11-21 11:00 UTC, more than 24 hours ago: "
            "figures are of that time, so start it again.",
        ),
    ],
    ids=["failed", "old"],
)
def test_a_mirror_that_is_stale_says_since_when(project: OpenProject, run: str, said: str) -> None:
    source = source_of(project(SOUND + run))
    assert [issue.message for issue in source.check() if issue.code == "stale_source"] == [said]
