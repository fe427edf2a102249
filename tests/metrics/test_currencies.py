"""More than one currency: which one reports, and what becomes of the others."""

import pytest

from eqho.ledger.spans import Span
from eqho.metrics.other_currencies import apart
from eqho.metrics.panel import ledger_currency
from tests.metrics.as_json import snapshot
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of


def test_another_currency_is_named_with_its_amount_and_customers_and_is_in_no_total() -> None:
    told = ledger_of(
        paid("dollar", 100, "2026-01-01"),
        paid("euro", 1234.5, "2026-01-01", currency="eur"),
        paid("both", 10, "2026-01-01"),
        paid("both", 20, "2026-01-01", currency="eur"),
        paid("yen", 680, "2026-01-01", currency="jpy"),
        paid("gone", 5, "2026-01-01", "2026-02-01", currency="gbp"),
    )
    scene = scene_of(told, "all-products")
    assert snapshot(scene)["revenue_metrics"]["mrr"] == 110.0
    issues = {issue.message.split(" of MRR")[0]: set(issue.subjects) for issue in apart(scene)}
    assert issues == {"1,254.50 EUR": {"euro", "both"}, "68,000 JPY": {"yen"}}
    assert apart(scene)[0].message.endswith("there is no exchange rate to USD.")
    assert apart(scene_of(told, "fleetdesk")) == []


@pytest.mark.parametrize(
    ("spans", "currency"),
    [
        ((), "usd"),
        ((paid("a", 500, "2026-01-01"), paid("b", 1, "2026-01-01", currency="eur")), "usd"),
        (
            (
                paid("a", 500, "2026-01-01"),
                paid("b", 1, "2026-01-01", currency="eur"),
                paid("c", 1, "2026-01-01", currency="eur"),
            ),
            "eur",
        ),
        ((paid("a", 1, "2026-01-01", currency="eur"), paid("b", 1, "2026-01-01", currency="chf")), "chf"),
        ((paid("a", 0, "2026-01-01", currency="eur"), paid("b", 1, "2026-01-01", currency="kwd")), "kwd"),
    ],
    ids=["none", "the larger sum", "most items", "the first name", "free items do not count"],
)
def test_the_reporting_currency_is_that_of_most_paying_items(spans: tuple[Span, ...], currency: str) -> None:
    assert ledger_currency(ledger_of(*spans).spans) == currency
