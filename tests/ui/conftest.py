"""The shell and its pages over hand-made answers, without engine, store or server."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from eqho.clock import Clock
from eqho.messages.rules import Rules
from eqho.products import ProductLine, ProductLines
from eqho.store.embedded import EmbeddedStore
from eqho.tiers.saved_views import SavedViews
from eqho.ui import navigation, queries
from tests.ui.fake_document import NOW
from tests.ui.fake_tiers import FakeTiers

SHELL = navigation.PAGES.parent / "eqho" / "ui" / "shell" / "main.py"


@pytest.fixture
def tiers() -> FakeTiers:
    return FakeTiers()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """Where what people keep is kept."""
    store = EmbeddedStore(tmp_path / "kept.db")
    yield store
    store.close()


@pytest.fixture
def application(
    tiers: FakeTiers, records: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimpleNamespace]:
    """What pages see as the application: settings of the demo, three product lines, the clock at NOW."""
    names = {"towpilot": "TowPilot", "fleetdesk": "FleetDesk", "roadcall": "RoadCall"}
    setting = SimpleNamespace(
        name="STRIPE_SECRET_KEY", value="set, ends …x9f2", origin="environment", help="Stripe's key."
    )
    fake = SimpleNamespace(
        settings=SimpleNamespace(
            policy="eqho", source="demo", timezone="UTC", allowed_emails=(), provenance=lambda: [setting]
        ),
        products=ProductLines([ProductLine(key, name) for key, name in names.items()]),
        clock=Clock(datetime.fromtimestamp(NOW, UTC)),
        store=SimpleNamespace(
            generation=lambda: 7,
            count_objects=lambda: {"customer": 150, "subscription": 171},
            get_state=lambda name: None,
            inputs=lambda name: [],
        ),
        tiers=tiers,
        source=SimpleNamespace(name="demo"),
        messenger=SimpleNamespace(destinations=(), rules=Rules(), preview=list, copies=list),
        rates=SimpleNamespace(place="off", failure=None),
        comparisons=SimpleNamespace(all=list),
        views=SavedViews(records, "demo"),
    )
    monkeypatch.setattr(queries, "application", lambda: fake)
    return fake


@pytest.fixture
def visit(application: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., AppTest]]:
    """Open a page (file name in `pages/`) as a browser would, with query parameters. A page that fails says
    so and goes on: a test must not take that for a page that works."""

    def open_page(
        file: str = "overview.py", *, secrets: dict[str, Any] | None = None, **query: Any
    ) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=30)
        for name, value in (secrets or {}).items():
            app.secrets[name] = value
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if file != "overview.py":
            app.switch_page(str(navigation.PAGES / file)).run()
        return app

    yield open_page
    if getattr(application.tiers, "failure", None) is not None:
        return
    failed = [one for one in caplog.get_records("call") if one.message.startswith("page failed")]
    assert [one.exc_text for one in failed] == []
