"""The whole metrics document from Supabase beside the one from Stripe, at the end of every month."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from eqho.application import Application
from eqho.settings import Settings
from eqho.sources.demo.company import demo_account
from eqho.sources.supabase.reader import Reader
from eqho.sources.supabase_push import push
from tests.services.plain_account import NOW
from tests.services.stripe_server import KEY, stripe_server
from tests.services.supabase_project import ROOT, OpenProject, Project, key
from tests.services.supabase_tables import ENGINE_TABLES, managed_tables, put
from tests.sources.supabase.rig import company, month_ends
from tests.tiers.rig import LINES

PRODUCTS = ("all-products", "towpilot")
Document = dict[str, Any]
Start = Callable[..., Application]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A refreshed dashboard with these settings."""
    running: list[Application] = []

    def begin(**settings: str) -> Application:
        folder = str(tmp_path_factory.mktemp("data"))
        common = {"EQHO_DATA_DIR": folder, "EQHO_NOW": "2026-11-22T12:00:00Z", "EQHO_CURRENCY": "usd"}
        app = Application(Settings(**common | settings), LINES)  # type: ignore[arg-type]
        running.append(app)
        app.tiers.refresh(wait=True)
        return app

    yield begin
    for app in running:
        app.stop()


@pytest.fixture(scope="module")
def from_stripe(start: Start) -> Iterator[Application]:
    """Out of Stripe's API, which tells here what the tables have too: no events, no pending items."""
    with stripe_server(demo_account(NOW)) as server:
        server.denied = {"event", "invoiceitem"}
        yield start(STRIPE_API_BASE=server.url, STRIPE_SECRET_KEY=KEY)


def of_supabase(project: Project, role: str = "service_role") -> dict[str, str]:
    return {"EQHO_SOURCE": "supabase", "SUPABASE_URL": project.url, "SUPABASE_KEY": key(role)}


def document(app: Application, product: str, as_of: date | None = None) -> Document:
    found: Document = msgspec.to_builtins(app.tiers.metrics(product, as_of).value)
    return found


def groups(told: Document) -> Document:
    return {name: value for name, value in told.items() if name.endswith("_metrics") or name == "products"}


def test_tables_that_kept_everything_tell_every_metric_of_every_month_end_to_the_cent(
    project: OpenProject, from_stripe: Application, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    """The managed engine where it ran from the beginning: its webhooks kept what ended since."""
    rows = "".join(put(kind, company()[kind]) for kind in ENGINE_TABLES)
    app = start(**of_supabase(project(managed_tables() + rows)))
    numbers = 0
    for product in PRODUCTS:
        for as_of in [*month_ends(), None]:
            told, truth = document(app, product, as_of), document(from_stripe, product, as_of)
            assert groups(told) == groups(truth), (product, as_of)
            assert told["undefined"] == truth["undefined"]
            numbers += sum(len(group) for name, group in groups(told).items() if name != "products")
    with capsys.disabled():
        print(f"\n{numbers:,} values of {len(month_ends())} month ends and today equal those from Stripe")
    assert numbers > 2_000


def test_simple_tables_that_were_pushed_tell_today_to_the_cent_and_say_why_they_tell_no_more(
    project: OpenProject, from_stripe: Application, start: Start
) -> None:
    opened = project((ROOT / "docs/supabase.sql").read_text())
    push(from_stripe.store, Reader(opened.url, key()), lambda: datetime.fromtimestamp(NOW, UTC))
    app = start(**of_supabase(opened, "eqho_reader"))
    reason = "by invoices only, which this source does not have"
    for product in PRODUCTS:
        told, truth = document(app, product), document(from_stripe, product)
        defined = 0
        for name, group in groups(truth).items():
            if name == "products":
                continue
            for field, value in group.items():
                if told["undefined"].get(f"{name}.{field}") == reason:
                    assert told[name][field] in (None, [])
                else:
                    assert told[name][field] == value, (product, name, field)
                    defined += 1
        assert defined > 15
        past = document(app, product, month_ends()[-1])
        assert past["revenue_metrics"]["mrr"] is None
        assert past["undefined"]["revenue_metrics.mrr"] == reason
