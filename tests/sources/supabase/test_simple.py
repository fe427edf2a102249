"""The simple tables: pushed from the mirror and read back, or filled by somebody else's script."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from eqho.application import Application
from eqho.settings import Settings
from eqho.sources.base import SourceError
from eqho.sources.demo import DemoSource
from eqho.sources.supabase.reader import Reader
from eqho.sources.supabase.simple import simple_object
from eqho.sources.supabase_push import BATCH_ROWS, NothingToPush, push
from eqho.sources.told_history import ToldPoint
from eqho.sync import Sync
from eqho.sync.told_history import told_history
from eqho.tiers import views
from tests.services.plain_account import NOW
from tests.services.supabase_project import ROOT, OpenProject, key
from tests.sources.supabase.rig import Rig, mrr, source_of
from tests.tiers.rig import LINES

TABLES = (ROOT / "docs/supabase.sql").read_text()
MONTHLY = {
    "stripe_subscription_id": "sub_1",
    "stripe_customer_id": "cus_1",
    "status": "active",
    "current_period_start": "2026-11-01T00:00:00+00:00",
    "current_period_end": "2026-12-01T00:00:00+00:00",
    "price_id": "price_1",
    "product_id": "prod_1",
    "product_name": "TowPilot",
    "amount_cents": 10_000,
    "currency": "usd",
    "billing_interval": "month",
    "metadata": {"quantity": 3, "stripe_created": 1_700_000_000},
}


def now() -> datetime:
    return datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
def demo(tmp_path: Path) -> Rig:
    """The demo company's mirror, as a dashboard has pulled it."""
    folder = tmp_path / "demo"
    folder.mkdir()
    rig = Rig(DemoSource(lambda: NOW), folder)
    rig.run()
    return rig


def test_what_is_pushed_is_read_back_to_the_cent_by_the_role_that_only_reads(
    project: OpenProject, demo: Rig, tmp_path: Path
) -> None:
    opened = project(TABLES)
    pushed = push(demo.store, Reader(opened.url, key()), now)
    counts = demo.store.count_objects()
    assert pushed == (counts["customer"], counts["subscription"])
    rig = Rig(source_of(opened, "eqho_reader"), tmp_path)
    issues = rig.run().issues
    told, unread = rig.ledger()
    truth, _ = demo.ledger()
    assert unread == []
    assert mrr(told) == mrr(truth) > 0
    assert told.customers == truth.customers
    assert {issue.code for issue in issues} == {"not_in_source", "past_unknown"}
    result = rig.run()
    assert (result.full, result.changed) == (False, False)
    # A second push of the same mirror writes the same rows.
    assert push(demo.store, Reader(opened.url, key()), now) == pushed
    assert opened.sql("select count(*) from public.stripe_subscriptions") == str(pushed.subscriptions)


def test_a_push_that_was_killed_goes_on_behind_the_last_batch_that_arrived(
    project: OpenProject, demo: Rig
) -> None:
    opened = project(TABLES)
    counts = demo.store.count_objects()
    reader = Dying(opened.url, key(), after=1)
    with pytest.raises(SourceError):
        push(demo.store, reader, now)
    arrived = int(opened.sql("select count(*) from public.stripe_customers"))
    assert 0 < arrived == min(BATCH_ROWS, counts["customer"])
    pushed = push(demo.store, Reader(opened.url, key()), now)
    assert pushed == (counts["customer"] - arrived, counts["subscription"])


class Dying(Reader):
    """Lets `after` batches through."""

    def __init__(self, url: str, key: str, *, after: int) -> None:
        super().__init__(url, key)
        self._left = after

    def upsert(self, schema: str, table: str, rows: list[dict[str, Any]], key: str) -> None:
        if not self._left:
            raise SourceError("the line is cut")
        self._left -= 1
        super().upsert(schema, table, rows, key)


def test_before_anything_was_read_from_stripe_there_is_nothing_to_push(tmp_path: Path) -> None:
    rig = Rig(DemoSource(lambda: NOW), tmp_path)
    with pytest.raises(NothingToPush, match=r"^Nothing has been read from Stripe yet"):
        push(rig.store, Reader("http://127.0.0.1:9", "x"), now)


def test_a_script_of_the_companys_own_is_read_by_its_columns(project: OpenProject, tmp_path: Path) -> None:
    opened = project(TABLES)
    reader = Reader(opened.url, key())
    yearly = MONTHLY | {"stripe_subscription_id": "sub_2", "price_id": "price_2", "amount_cents": 120_000}
    yearly |= {"billing_interval": "year", "metadata": {"quantity": 1}}
    ended = MONTHLY | {"stripe_subscription_id": "sub_3", "status": "canceled"}
    ended |= {"current_period_end": "2026-11-10T00:00:00+00:00"}
    reader.upsert("public", "stripe_subscriptions", [MONTHLY, yearly, ended], "stripe_subscription_id")
    rig = Rig(source_of(opened), tmp_path)
    rig.run()
    told, unread = rig.ledger()
    assert unread == []
    assert mrr(told) == (300 + 100) * 1_000_000
    assert {fact.id: fact.status for fact in told.subscriptions}["sub_3"] == "canceled"
    assert dict(told.products)["prod_1"] == "TowPilot"


@pytest.mark.parametrize(
    ("row", "unit", "recurring"),
    [
        ({"amount_monthly": 30_000}, "10000", ("month", 1)),  # cents, of three units
        (
            {"amount_monthly": 100},
            "3333.333333333333333333333333",
            ("month", 1),
        ),  # $100 of all three together
        ({"billing_interval": "quarterly"}, "10000", ("month", 3)),
        ({"billing_interval": "6 months"}, "10000", ("month", 6)),
        ({"billing_interval": "annual"}, "10000", ("year", 1)),
        ({"billing_interval": "weekly"}, "10000", ("week", 1)),
    ],
)
def test_amounts_and_intervals_are_understood_as_scripts_write_them(
    row: dict[str, Any], unit: str, recurring: tuple[str, int]
) -> None:
    told = simple_object("subscription", MONTHLY | row)
    assert told is not None
    price = told["items"]["data"][0]["price"]
    assert price["unit_amount_decimal"] == unit
    assert (price["recurring"]["interval"], price["recurring"]["interval_count"]) == recurring


def test_days_that_somebody_else_recorded_are_kept_under_their_own_name(
    project: OpenProject, tmp_path: Path
) -> None:
    opened = project(TABLES)
    reader = Reader(opened.url, key())
    reader.upsert("public", "stripe_subscriptions", [MONTHLY], "stripe_subscription_id")
    opened.sql(
        "insert into public.mrr_snapshots select day, product, 'usd', 100 * n, n from (select n, "
        "date '2023-01-01' + n as day from generate_series(0, 1199) n) days, "
        "(values ('all'), ('tow')) p (product);"
        "insert into public.mrr_snapshots values ('2026-11-01', 'all', 'jpy', null, null);"
    )
    rig = Rig(source_of(opened, "eqho_reader"), tmp_path)
    issues = rig.run().issues
    told = told_history(rig.store)
    assert told is not None
    assert told.origin == "public.mrr_snapshots"
    assert len(told.points) == 2 * 1_200 + 1
    assert set(told.points[2:4]) == {
        ToldPoint(date(2023, 1, 2), product, "usd", Decimal(100), 1) for product in ("all", "tow")
    }
    assert told.points[-1] == ToldPoint(date(2026, 11, 1), "all", "jpy", None, None)
    # It makes nothing of the past known.
    assert "past_unknown" in {issue.code for issue in issues}
    opened.sql("alter table public.mrr_snapshots rename column snapshot_date to noted")
    rig.sync = Sync(source_of(opened, "eqho_reader"), rig.store, lambda: rig.now)
    assert [issue.message for issue in rig.run().issues if issue.code == "told_history"] == [
        "The table public.mrr_snapshots lacks a column that its shape has (column "
        "mrr_snapshots.snapshot_date does not exist): finish the migrations of what fills it."
    ]
    assert told_history(rig.store) == told


def test_a_dashboard_over_them_tells_today_and_says_why_it_tells_nothing_of_the_past(
    project: OpenProject, demo: Rig, tmp_path: Path
) -> None:
    opened = project(TABLES)
    push(demo.store, Reader(opened.url, key()), now)
    settings = {
        "EQHO_SOURCE": "supabase", "SUPABASE_URL": opened.url, "SUPABASE_KEY": key("eqho_reader"),
        "EQHO_DATA_DIR": str(tmp_path / "data"), "EQHO_NOW": "2026-11-22T12:00:00Z", "EQHO_CURRENCY": "usd",
    }  # fmt: skip
    app = Application(Settings(**settings), LINES)
    try:
        app.tiers.refresh(wait=True)
        told = app.tiers.view(views.Metrics(), "all-products").value
    finally:
        app.stop()
    assert told.revenue_metrics.mrr > 0
    assert told.customer_metrics.churned is None
    assert told.undefined["customer_metrics.churned"] == ("by invoices only, which this source does not have")
    assert told.retention_metrics.nrr_12m is None
