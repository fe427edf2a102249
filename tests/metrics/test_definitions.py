"""A metric is declared once: document and series compute it, and say why it is undefined, from there."""

from datetime import date

import pytest

from eqho.metrics import definitions, document_fields, history_rows, series
from eqho.metrics.definitions import METRICS, Definition
from eqho.metrics.groups import revenue
from eqho.metrics.moment import running
from eqho.periods import periods
from tests.metrics.as_json import points, snapshot
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

LEDGER = ledger_of(paid("a", 100, "2026-01-10"), paid("b", 60, "2026-02-10"))
LARGEST = Definition(
    "largest", "Largest customer", "revenue_metrics.largest", "money", "down", "MRR of the largest customer",
    series=True,
    value=lambda m: m.scene.money(int(m.scene.book.scope.balance(m.now).max())) if m.row.end else None,
    why=lambda m: f"no MRR in {m.row.period.label}",
)  # fmt: skip


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_ALL", (*definitions._ALL, LARGEST))
    monkeypatch.setitem(METRICS, "largest", LARGEST)
    # Shapes are made of the declarations as the program starts.
    shape = document_fields.shape_of_group("RevenueMetrics", "revenue_metrics", "With one metric more.")
    monkeypatch.setattr(revenue, "RevenueMetrics", shape)
    monkeypatch.setattr(series, "Point", history_rows.shape_of_points(("largest",)))


@pytest.mark.usefixtures("declared")
def test_a_metric_that_is_only_declared_is_in_the_document_and_the_series() -> None:
    asked = scene_of(LEDGER, "towpilot")
    assert snapshot(asked)["revenue_metrics"]["largest"] == 100.0
    spanned = periods(date(2025, 12, 1), date(2026, 2, 28), "month", asked.zone)
    assert [point["largest"] for point in points(asked, ["largest"], spanned)] == [None, 100.0, 100.0]


@pytest.mark.usefixtures("declared")
def test_its_reason_stands_where_it_is_undefined() -> None:
    document = snapshot(scene_of(LEDGER, "fleetdesk"))
    assert document["revenue_metrics"]["largest"] is None
    assert document["undefined"]["revenue_metrics.largest"] == "no MRR in 2026-06"


@pytest.mark.parametrize("product", ["all-products", "towpilot", "fleetdesk"])
@pytest.mark.parametrize("policy", ["eqho", "stripe"])
def test_every_metric_stands_where_it_says_and_every_null_has_a_reason(product: str, policy: str) -> None:
    document = snapshot(scene_of(LEDGER, product, policy=policy))
    for metric in METRICS.values():
        group, _, name = metric.path.partition(".")
        value = document[group][name]
        assert (value is None) == (metric.path in document["undefined"])
        assert document["undefined"].get(metric.path, "a reason")


def test_the_last_point_of_a_series_is_the_document_s_number() -> None:
    asked = scene_of(LEDGER, "towpilot")
    document = snapshot(asked)
    spanned = periods(date(2026, 1, 1), date(2026, 6, 15), "month", asked.zone)
    at_the_instant = [
        metric for metric in METRICS.values() if metric.series and not metric.path.startswith("retention")
    ]
    last = points(asked, [metric.slug for metric in at_the_instant], spanned)[-1]
    for metric in at_the_instant:
        group, _, name = metric.path.partition(".")
        assert last[metric.slug] == document[group][name] == metric.value(running(asked))
