"""What is told before the invoices are read is what the whole history says of today, to the cent."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eqho.billing.normalise import read_account
from eqho.ledger.build import Ledger, build_ledger
from eqho.metrics.entered import Inputs, Margin
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.sources.base import KINDS, pages
from eqho.sources.demo.source import DemoSource
from eqho.tiers import views
from eqho.tiers.question import View
from tests.metrics import as_json
from tests.metrics.queries import LINES
from tests.services.plain_account import NOW

BEFORE_INVOICES = KINDS[: KINDS.index("invoice")]
REASON = "after the invoices are read (11 % so far)"
MEAN = Inputs(margins=(Margin("2026-01", Decimal("0.8")),))


@pytest.fixture(scope="module")
def demo() -> DemoSource:
    return DemoSource(lambda: NOW)


def ledger(source: DemoSource, kinds: Collection[str]) -> Ledger:
    bodies = {
        kind: chain.from_iterable(page.objects for page in pages(source, kind, NOW + 1)) for kind in kinds
    }
    account, _ = read_account(bodies)
    return build_ledger(account, LINES, NOW, 1)


@pytest.fixture(scope="module")
def early(demo: DemoSource) -> Ledger:
    return ledger(demo, BEFORE_INVOICES)


@pytest.fixture(scope="module")
def whole(demo: DemoSource) -> Ledger:
    return ledger(demo, KINDS)


def told(ledger: Ledger, view: View[Any], product: str, policy: str, untold: str) -> dict[str, Any]:
    scene = Scene(ledger, LINES, MEAN, product, NOW, POLICIES[policy], "usd", ZoneInfo("UTC"), untold)
    return as_json.told(view, scene)


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a document with its path, reasons apart."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "undefined":
                yield from numbers(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from numbers(inner, f"{path}.{place}")
    else:
        yield path, value


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("product", ["all-products", *LINES.keys])
def test_no_number_that_is_told_early_is_taken_back(
    early: Ledger, whole: Ledger, product: str, policy: str
) -> None:
    first = told(early, views.Metrics(), product, policy, REASON)
    final = dict(numbers(told(whole, views.Metrics(), product, policy, "")))
    shown = {path: value for path, value in numbers(first) if value is not None}
    assert shown == {path: final[path] for path in shown}
    assert len(shown) >= 25
    waiting = {path[1:] for path, value in numbers(first) if value is None}
    assert waiting >= {"retention_metrics.nrr_12m", "revenue_metrics.mrr_growth_year", "ltv_metrics.ltv"}
    assert waiting <= first["undefined"].keys()


@pytest.mark.parametrize("policy", POLICIES)
def test_todays_customers_and_the_bridge_stay_what_they_were(
    early: Ledger, whole: Ledger, policy: str
) -> None:
    assert told(early, views.Bridge(), "all-products", policy, REASON) == told(
        whole, views.Bridge(), "all-products", policy, ""
    )
    final = {
        row["customer"]: row for row in told(whole, views.Customers(), "all-products", policy, "")["rows"]
    }
    first = told(early, views.Customers(), "all-products", policy, REASON)
    assert first["undefined"] == {"total": REASON, "since": REASON}
    assert len(first["rows"]) > 100
    for row in first["rows"]:
        assert row == final[row["customer"]] | {"since": None}
