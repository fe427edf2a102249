"""A company that bills in three currencies, at rates that change every month: every total is what an oracle
that shares no code with the metrics sums up, and start + movements + fx = end to the last unit."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from eqho.ledger.spans import Span, State
from eqho.metrics.entered import Inputs, Rate
from eqho.metrics.explain import pieces
from eqho.metrics.identities import violations
from eqho.metrics.movements import GAINS, KINDS, customer_changes, gained_by_rates, movements
from eqho.metrics.other_currencies import apart
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.metrics.week import week
from eqho.periods import Period, periods
from eqho.products import ALL
from tests.metrics.as_json import snapshot
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import LINES, scene_of
from tests.metrics.random_spans import NOWS, spans
from tests.metrics.random_spans import scene as scene_of_spans

SEEDS = int(os.environ.get("EQHO_SEEDS", "15"))
_DIGITS = {"usd": 2, "eur": 2, "jpy": 0}
_AMOUNT = st.decimals("0.003", "200", places=4, allow_nan=False)


@st.composite
def rate_files(draw: Any) -> list[Rate]:
    """Rates for one euro: one for each week of a month, another every month; weeks are missing."""
    found = []
    for month in periods(date(2024, 11, 1), date(2026, 2, 28), "month", ZoneInfo("UTC")):
        dollar, yen = draw(_AMOUNT), draw(_AMOUNT)
        missing = draw(st.sampled_from([None, None, None, 0, 1, 2, 3, 4]))
        for n in range(5):
            day = month.first + timedelta(days=7 * n)
            if n != missing and day <= month.last:
                found += [
                    Rate(day.isoformat(), code, rate)
                    for code, rate in (("EUR", Decimal(1)), ("USD", dollar), ("JPY", yen))
                ]
    return found


@st.composite
def in_any_currency(draw: Any) -> Span:
    return draw(spans())._replace(currency=draw(st.sampled_from(["usd", "eur", "jpy"])))


COMPANIES = st.lists(in_any_currency(), min_size=1, max_size=12)


def worth_at(span: Span, units: int, instant: int, rates: Sequence[Rate], into: str) -> int:
    """MRR units of `into` for units of the span's currency, by looking through the whole list of rates."""
    today = datetime.fromtimestamp(instant, UTC).date()

    def per_euro(currency: str) -> Fraction | None:
        known = [r for r in rates if r.currency.lower() == currency and date.fromisoformat(r.date) <= today]
        latest = max(known, key=lambda r: r.date, default=None)
        if latest is None or today - date.fromisoformat(latest.date) > timedelta(days=7):
            return None
        return Fraction(latest.rate)

    if span.currency == into:
        return units
    here, there = per_euro(into), per_euro(span.currency)
    if here is None or there is None:
        return 0
    scale = Fraction(10) ** (_DIGITS[into] - _DIGITS[span.currency])
    return round(units * scale * here / there)


def balances(
    rows: Sequence[Span], product: str, policy: str, rates: Sequence[Rate], at: int, rates_of: int, into: str
) -> dict[str, int]:
    """MRR units by customer at one instant, at the rates of another."""
    rule, found = POLICIES[policy], dict[str, int]()
    for row in rows:
        end = row.end if rule.churn_at == "ended" else min(row.end, row.requested)
        units = row.net_eqho if rule.repeating_coupons else row.net_stripe
        if row.start <= at < end and row.state < State.PAUSED and product in (ALL, row.line):
            found[row.customer] = found.get(row.customer, 0) + worth_at(row, units, rates_of, rates, into)
    return {customer: units for customer, units in found.items() if units}


@settings(max_examples=SEEDS, deadline=None)
@given(COMPANIES, rate_files(), NOWS, st.sampled_from(["usd", "eur", "jpy"]))
def test_start_and_movements_and_fx_are_the_end_in_every_product_and_policy(
    rows: list[Span], rates: list[Rate], now: int, into: str
) -> None:
    today = datetime.fromtimestamp(now, UTC).date()
    months = periods(date(2024, 12, 1), today, "month", ZoneInfo("UTC"))
    for policy in POLICIES:
        company = replace(scene_of_spans(rows, ALL, now, policy, into), inputs=Inputs(rates=tuple(rates)))
        assert violations(company, months=len(months)) == []
        by_product = {
            product: movements(company.book_of(product), months, now) for product in (ALL, *LINES.keys)
        }
        for product, told in by_product.items():
            for row in told:
                opening, closing = row.period.start - 1, row.period.sample(now)
                sums = [
                    balances(rows, product, policy, rates, at, rates_of, into)
                    for at, rates_of in ((opening, opening), (opening, closing), (closing, closing))
                ]
                start, revalued, end = (sum(amounts.values()) for amounts in sums)
                assert (row.start, row.fx, row.end) == (start, revalued - start, end)
                assert (row.customers_start, row.customers_end) == (len(sums[0]), len(sums[2]))
                moved = sum(row.amounts[kind] * (1 if kind in GAINS else -1) for kind in KINDS)
                assert row.start + moved + row.fx == row.end
                assert min(row.amounts.values()) >= 0
                if (row.period.first.month + len(product)) % 6 == 0:  # each product in two months of a year
                    of_customers(replace(company, product=product), row.period, row.fx, moved)
        for i, whole in enumerate(by_product[ALL]):
            lines = [by_product[line][i] for line in LINES.keys]
            assert sum(line.end for line in lines) == whole.end
            assert sum(line.fx for line in lines) == whole.fx


def of_customers(asked: Scene, period: Period, fx: int, moved: int) -> None:
    """The customers, and the plans, behind the figures add up to them."""
    changes = customer_changes(asked.book, period, asked.at)
    assert sum(change.after - change.before for change in changes) == moved
    by_rates = gained_by_rates(asked.book, period, asked.at)
    assert sum(change.after - change.before for change in by_rates) == fx
    found = pieces(asked, period)
    assert sum(piece.change for piece in found if piece.kind == "fx") == fx
    assert sum(piece.change for piece in found) == fx + moved


def with_rates(rates: Sequence[Rate], now: str = "2026-06-15") -> Scene:
    told = ledger_of(
        paid("dollar", 100, "2026-01-01"),
        paid("euro", 200, "2026-01-01", currency="eur"),
        paid("yen", 10, "2026-01-01", currency="jpy"),
        now=now,
    )
    return replace(scene_of(told, ALL), inputs=Inputs(rates=tuple(rates)))


def test_a_total_is_at_the_rates_of_its_instant() -> None:
    """Units for one dollar: 200 € at 0.8 are $250; 1,000 ¥ at 125 are $8."""
    rates = [
        Rate("2026-05-29", "EUR", Decimal("0.5")),
        Rate("2026-06-12", "EUR", Decimal("0.8")),
        Rate("2026-06-12", "JPY", Decimal(125)),
    ]
    scene = with_rates(rates)
    document = snapshot(scene)
    assert document["revenue_metrics"]["mrr"] == 358.0
    assert document["customer_metrics"]["customers"] == 3
    june = document["movement_metrics"]
    # At the end of May the euros were $400, and the yen had no rate: they enter by it.
    assert (june["start"], june["fx"], june["end"]) == (500.0, -142.0, 358.0)
    assert document["customer_metrics"]["entered"] == 1
    assert apart(scene) == []


def test_a_missing_week_of_rates_is_said_and_its_currency_stands_apart() -> None:
    rates = [Rate("2026-06-07", "EUR", Decimal("0.8")), Rate("2026-06-12", "JPY", Decimal(125))]
    scene = with_rates(rates)
    assert snapshot(scene)["revenue_metrics"]["mrr"] == 108.0
    assert [issue.message for issue in apart(scene)] == [
        "200.00 EUR of MRR is shown apart and is in no total: the latest exchange rate to USD is of "
        "2026-06-07, more than 7 days before 2026-06-15."
    ]
    assert snapshot(replace(scene, at=scene.at - 86_400))["revenue_metrics"]["mrr"] == 358.0


def test_this_week_tells_what_the_rates_made_of_mrr() -> None:
    rates = [Rate("2026-06-05", "EUR", Decimal("0.8")), Rate("2026-06-12", "EUR", Decimal("0.5"))]
    told = week(with_rates(rates), 7)
    [group] = told.groups
    assert (group.kind, group.amount, told.net) == ("fx", 150.0, 150.0)
    assert told.sentences[1] == (
        "1 customer is worth another amount by exchange rates, the difference is +150.00 USD: Euro."
    )
