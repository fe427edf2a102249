"""Pages while the invoices are not read: today's numbers, and for the rest after what it is there."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from eqho.metrics.query import Scene
from eqho.metrics.today_only import as_told
from eqho.periods import FAR
from eqho.tiers import Served
from eqho.tiers.question import A, AnyView
from tests.ui.fake_document import NOW
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import charts, metrics, text

Visit = Callable[..., AppTest]
WAITS = "After the invoices are read"
"""How far that is, which the reason of the API has, is told by the bar."""


class EarlyTiers(FakeTiers):
    scene = cast(
        Scene,
        SimpleNamespace(
            untold="after the invoices are read (11 % so far)",
            told_from=FAR,
            at=NOW,
            ledger=SimpleNamespace(now=NOW),
            product="towpilot",
        ),
    )

    def view(self, view: AnyView[A], product: str, *asked: Any, **more: Any) -> Served[A]:
        served = super().view(view, product, *asked, **more)
        return Served(as_told(self.scene, served.value, view.of_period), served.provenance)


@pytest.fixture
def tiers() -> FakeTiers:
    return EarlyTiers()


def test_overview_shows_today_and_draws_no_past(visit: Visit) -> None:
    app = visit()
    assert [error.value for error in [*app.exception, *app.error]] == []
    assert metrics(app, "MRR") == ["$46,000", "$76,667"]
    assert metrics(app, "Customers") == ["83", "138"]
    assert metrics(app, "Customer churn") == metrics(app, "NRR, 12 months") == ["—", "—"]
    card = next(metric for metric in app.metric if metric.label == "NRR, 12 months")
    assert card.proto.delta_description == WAITS
    assert charts(app) == []
    # In place of the lines, of the waterfall and of the last week.
    assert text(app).count(f"{WAITS}.") == 3


def test_towpilot_keeps_its_tiers_and_says_what_waits(visit: Visit) -> None:
    app = visit("towpilot.py")
    assert [error.value for error in [*app.exception, *app.error]] == []
    assert metrics(app, "Net new MRR") == ["—"]
    assert metrics(app, "At-risk MRR") == ["$980.00"]
    assert len(charts(app)) == 1
    assert "Who moved is told after the invoices are read." in text(app)
    assert "4 running." in text(app)
    assert "Nobody moved" not in text(app)


@pytest.mark.parametrize("file", ["movements.py", "cohorts.py", "trends.py"])
def test_pages_of_the_past_say_after_what_they_are_there(visit: Visit, file: str) -> None:
    app = visit(file)
    assert [error.value for error in [*app.exception, *app.error]] == []
    assert charts(app) == []
    assert f"{WAITS}." in text(app)


@pytest.mark.parametrize("file", ["all_products.py", "customers.py", "data.py"])
def test_the_other_pages_are_drawn(visit: Visit, file: str) -> None:
    app = visit(file)
    assert [error.value for error in [*app.exception, *app.error]] == []
    assert len(app.title) == 1


@pytest.mark.parametrize("file", ["overview.py", "towpilot.py", "data.py"])
def test_every_page_shows_once_how_far_the_past_is(visit: Visit, tiers: FakeTiers, file: str) -> None:
    tiers.provisional = True
    tiers.running = {
        "running": True,
        "sentence": "Reading invoices (34,100 read).",
        "fraction": 0.42,
        "kinds": {"invoice": {"label": "invoices", "objects": 34_100, "done": False}},
        "seconds_left": 200.0,
    }
    app = visit(file)
    assert [bar.proto.text for bar in app.get("progress")] == ["42 %, about 3 min left"]
    assert ("The past is being read" in text(app)) == (file != "data.py")
    tiers.provisional = False
    assert "The past is being read" not in text(visit(file))
