"""Figures that others published, each with its source, come out of our definitions."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from eqho.billing.objects import Interval, Price
from eqho.ledger.build import Ledger
from eqho.ledger.facts import SubscriptionFact
from eqho.metrics.movements import Movement, customer_changes, movements
from eqho.metrics.retention import gross_mrr_churn_rate, net_mrr_churn_rate
from eqho.metrics.unit_economics import lifetime_value
from eqho.periods import period_of, periods
from tests.ledger.stripe_account import at, coupon, item, ledger, subscription
from tests.metrics.as_json import cohort_rows, snapshot
from tests.metrics.hand_made import UNITS, ledger_of, paid
from tests.metrics.queries import scene_of

UTC = ZoneInfo("UTC")


def billed(*plans: tuple[int, Interval, int, str]) -> Ledger:
    """A customer for each plan of `cents` per interval and quantity, from a day on."""
    return ledger(
        *(
            subscription(
                item(
                    Price(f"price_{i}", "prod_tow", "usd", Decimal(cents), interval), quantity, id=f"si_{i}"
                ),
                id=f"sub_{i}",
                customer=f"cus_{i}",
                start=start,
            )
            for i, (cents, interval, quantity, start) in enumerate(plans)
        ),
        now="2026-06-15",
    )


def revenue(told: Ledger, policy: str = "eqho", day: str | None = None) -> dict[str, float]:
    """`revenue_metrics` now, or at the first instant of a day."""
    instant = None if day is None else at(day)
    return snapshot(scene_of(told, "all-products", instant, policy))["revenue_metrics"]


def june(told: Ledger, product: str = "all-products", policy: str = "eqho") -> Movement:
    scene = scene_of(told, product, policy=policy)
    return movements(scene.book, [period_of(date(2026, 6, 1), "month", UTC)], scene.at)[0]


def dollars(month: Movement) -> dict[str, float]:
    return {kind: amount / UNITS for kind, amount in month.amounts.items() if amount}


# dbt-labs, "mrr-playbook" (github.com/dbt-labs/mrr-playbook): the rows of data/subscription_periods.csv, and
# the categories that models/mrr.sql gives them; its upgrade and downgrade are our expansion and contraction.


@pytest.mark.parametrize(
    ("subscription_periods", "changes"),
    [
        (
            (("2018-11", "2019-02", 50), ("2019-04", "2019-06", 50), ("2019-06", "2019-08", 75)),
            {
                "2018-11": ("new", 50),
                "2019-02": ("churn", -50),
                "2019-04": ("reactivation", 50),
                "2019-06": ("expansion", 25),
                "2019-08": ("churn", -75),
            },
        ),
        (
            (
                ("2018-11", "2018-12", 50), ("2018-12", "2019-03", 25), ("2019-07", "2019-08", 50),
                ("2019-08", "2019-09", 25), ("2019-09", "2019-10", 50), ("2019-10", "2019-12", 25),
                ("2019-12", "2020-01", 40),
            ),
            {
                "2018-11": ("new", 50),
                "2018-12": ("contraction", -25),
                "2019-03": ("churn", -25),
                "2019-07": ("reactivation", 50),
                "2019-08": ("contraction", -25),
                "2019-09": ("expansion", 25),
                "2019-10": ("contraction", -25),
                "2019-12": ("expansion", 15),
                "2020-01": ("churn", -40),
            },
        ),
    ],
    ids=["customer 1", "customer 5"],
)  # fmt: skip
def test_mrr_playbook(subscription_periods, changes) -> None:
    told = ledger_of(
        *(paid("customer", mrr, f"{start}-01", f"{end}-01") for start, end, mrr in subscription_periods)
    )
    scene = scene_of(told, "all-products")
    found = {
        period.label: (change.kind, (change.after - change.before) / UNITS)
        for period in periods(date(2018, 9, 1), date(2020, 3, 1), "month", UTC)
        for change in customer_changes(scene.book, period, period.end - 1)
    }
    assert found == changes


# Stripe, "Billing metric definitions" (docs.stripe.com/billing/subscriptions/analytics/glossary).


def test_stripes_glossary_mrr() -> None:
    """100 subscribers at $100 a month and 50 at $600 a year: $12,500."""
    monthly, yearly = [(10_000, "month", 1, "2026-01-01")] * 100, [(60_000, "year", 1, "2026-01-01")] * 50
    found = revenue(billed(*monthly, *yearly))
    assert (found["mrr"], found["subscriptions"]) == (12_500.0, 150)


def test_stripes_glossary_mrr_growth() -> None:
    """From $1,000: +100 new, +50 expansion, −40 contraction, −60 churn. Its −5 of currency is left out: here
    a currency without a rate stays apart."""
    told = ledger_of(
        paid("rest", 740, "2026-01-01"),
        paid("converts", 100, "2026-06-03"),
        paid("upgrades", 100, "2026-01-01", "2026-06-04"),
        paid("upgrades", 150, "2026-06-04"),
        paid("downgrades", 100, "2026-01-01", "2026-06-05"),
        paid("downgrades", 60, "2026-06-05"),
        paid("leaves", 60, "2026-01-01", "2026-06-06"),
    )
    month = june(told)
    assert dollars(month) == {"new": 100, "expansion": 50, "contraction": 40, "churn": 60}
    assert (month.start / UNITS, month.net / UNITS, month.end / UNITS) == (1000, 50, 1050)


def test_stripes_glossary_subscriber_churn_rate() -> None:
    """1,000 subscribers, 100 added and 100 lost in the 30 days: 100 / (1,000 + 100)."""
    told = ledger_of(
        *(paid(f"old_{i}", 10, "2026-01-01", "2026-06-01" if i < 100 else None) for i in range(1000)),
        *(paid(f"young_{i}", 10, "2026-06-02") for i in range(100)),
    )
    found = snapshot(scene_of(told, "all-products", policy="stripe"))["retention_metrics"]
    assert found["customer_churn_rate"] == 100 / 1100


def test_stripes_glossary_churned_revenue() -> None:
    """Jane cancels $120 a year, John goes from $50 to $25 a month: $35."""
    told = ledger_of(
        paid("jane", 10, "2026-01-01", "2026-06-05"),
        paid("john", 50, "2026-01-01", "2026-06-05"),
        paid("john", 25, "2026-06-05"),
    )
    assert june(told).lost / UNITS == 35


def test_stripes_glossary_subscriber_retention() -> None:
    """100 begin in a month and 10 % of the rest leave in each: 90, 81, 73, 66, 59. (Its example for revenue
    counts five upgrades from $10 to $25 as $125 of expansion, which no definition gives.)"""
    remaining = {2: 90, 3: 81, 4: 73, 5: 66, 6: 59}
    last_month = [next((m for m, kept in remaining.items() if kept <= i), None) for i in range(100)]
    told = ledger_of(
        *(
            paid(f"{i}", 10, "2026-01-05", None if month is None else f"2026-{month:02}-10")
            for i, month in enumerate(last_month)
        ),
        now="2026-07-01",
    )
    (january,) = cohort_rows(scene_of(told, "all-products"), "customers")
    assert (january["size"], january["values"][:6]) == (100, [100, 90, 81, 73, 66, 59])


def test_stripes_glossary_arpu_and_lifetime_value() -> None:
    """100 subscribers with $50,000: $500 each; at 9 % churn a lifetime is worth $5,555."""
    told = ledger_of(*(paid(f"{i}", 500, "2026-01-01") for i in range(100)))
    assert (revenue(told)["mrr"], revenue(told)["arpa"]) == (50_000.0, 500.0)
    value = lifetime_value(Fraction(500), None, 0.09, None)
    assert value is not None
    assert int(value) == 5_555


def test_stripes_glossary_trial_conversion() -> None:
    """Of 100 trials that ended, 15 converted: 15 %."""
    trials = tuple(
        SubscriptionFact(
            f"sub_{i}", f"cus_{i}", "active" if i < 15 else "canceled", ("towpilot",), at("2026-05-20"),
            trial_start=at("2026-05-20"), trial_end=at("2026-06-03"), trial_over=at("2026-06-03"),
            converted=i < 15,
        )
        for i in range(100)
    )  # fmt: skip
    found = snapshot(scene_of(ledger_of(facts=trials), "towpilot"))["trial_metrics"]
    assert (found["ended"], found["converted"], found["conversion_rate"]) == (100, 15, 0.15)


# Stripe, "Billing Analytics" (support.stripe.com/questions/billing-analytics).


def test_stripe_support_annual_plan() -> None:
    """$1,200 a year are $100 of MRR."""
    assert revenue(billed((120_000, "year", 1, "2026-01-01")))["mrr"] == 100.0


@pytest.mark.parametrize(("duration", "mrr"), [("forever", 50.0), ("repeating", 100.0), ("once", 100.0)])
def test_stripe_support_coupons(duration: str, mrr: float) -> None:
    """A 50 % coupon for ever halves the MRR, one of finite duration leaves it."""
    told = ledger(subscription(item(), discounts=(coupon(50, duration),)))
    assert revenue(told, "stripe")["mrr"] == mrr


# ChartMogul, help centre (help.chartmogul.com).


def test_chartmogul_mrr() -> None:
    """Metric: Monthly Recurring Revenue: five customers at $5 are $25; two more at $30 make it $85."""
    plans = [(500, "month", 1, "2026-01-01")] * 5 + [(3_000, "month", 1, "2026-03-01")] * 2
    told = billed(*plans)
    assert (revenue(told, day="2026-02-01")["mrr"], revenue(told)["mrr"]) == (25.0, 85.0)


def test_chartmogul_mrr_churn_rates() -> None:
    """Metric: MRR Churn Rate: of $100, $10 churn, $10 contraction, $10 expansion: gross 20 %, net 10 %."""
    told = ledger_of(
        paid("leaves", 10, "2026-01-01", "2026-06-05"),
        paid("shrinks", 30, "2026-01-01", "2026-06-06"),
        paid("shrinks", 20, "2026-06-06"),
        paid("grows", 60, "2026-01-01", "2026-06-07"),
        paid("grows", 70, "2026-06-07"),
    )
    month = june(told)
    assert (gross_mrr_churn_rate(month), net_mrr_churn_rate(month)) == (0.2, 0.1)


def test_chartmogul_lifecycle_of_a_subscription() -> None:
    """Syncalytics takes four Gold a year ($2,000), adds two Silver a month, cancels them, cancels the year,
    and takes three Gold a month ($150). Each step has a month of its own, for ours is the month's net change.
    """
    gold = 2000 / 12
    told = ledger_of(
        paid("syncalytics", gold, "2025-01-10", "2026-01-10"),
        paid("syncalytics", 60, "2025-02-10", "2025-03-10"),
        paid("syncalytics", 150, "2026-04-10"),
    )
    scene = scene_of(told, "all-products")
    found = [
        (period.label, change.kind, round((change.after - change.before) / UNITS, 2))
        for period in periods(date(2025, 1, 1), date(2026, 6, 1), "month", UTC)
        for change in customer_changes(scene.book, period, period.end - 1)
    ]
    assert found == [
        ("2025-01", "new", 166.67),
        ("2025-02", "expansion", 60.0),
        ("2025-03", "contraction", -60.0),
        ("2026-01", "churn", -166.67),
        ("2026-04", "reactivation", 150.0),
    ]


def test_chartmogul_switch_between_segments() -> None:
    """Chart Data: from Plan A ($50) to Plan B ($30), $50 leave A's segment; for all it is a contraction."""
    told = ledger_of(
        paid("switches", 50, "2026-01-01", "2026-06-05"),
        paid("switches", 30, "2026-06-05", line="fleetdesk"),
    )
    assert dollars(june(told, "towpilot")) == {"leaving": 50}
    assert dollars(june(told, "fleetdesk")) == {"entering": 30}
    assert dollars(june(told)) == {"contraction": 20}


# Polar, server/tests/metrics/test_service.py (github.com/polarsource/polar).


def test_polar_monthly_and_yearly() -> None:
    """$100 a month and $1,000 a year: 183.33; a second month's plan makes 283.33."""
    told = billed(
        (10_000, "month", 1, "2026-01-01"),
        (100_000, "year", 1, "2026-01-01"),
        (10_000, "month", 1, "2026-06-01"),
    )
    days = ("2026-01-01", "2026-02-01", "2026-06-01")
    assert [revenue(told, day=day)["mrr"] for day in days] == [183.33, 183.33, 283.33]


def test_polar_average_revenue_per_user() -> None:
    """Polar cuts 91.666… off to 91.66; we round."""
    told = billed((10_000, "month", 1, "2026-01-01"), (100_000, "year", 1, "2026-01-01"))
    assert revenue(told)["arpa"] == 91.67


def test_polar_forever_discount_and_free_plan() -> None:
    assert revenue(ledger(subscription(item(), discounts=(coupon(50),))))["mrr"] == 50.0
    assert revenue(billed((0, "month", 1, "2026-01-01")))["mrr"] == 0.0


def test_polar_committed_mrr() -> None:
    """The second subscription begins in February, set to end with it: 100, 200 of which 100 stay, 100."""
    told = ledger_of(
        paid("one", 100, "2026-01-01"),
        paid("two", 100, "2026-02-01", "2026-03-01", requested="2026-02-01"),
    )
    months = ("2026-01-31", "2026-02-28", "2026-03-31")
    found = [revenue(told, day=day) for day in months]
    assert [month["mrr"] for month in found] == [100.0, 200.0, 100.0]
    assert [month["committed_mrr"] for month in found] == [100.0, 100.0, 100.0]
