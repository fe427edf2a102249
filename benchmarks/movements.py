"""Movements of 200,000 spans and 50,000 customers over ten years, by month and by day, beside the same in
sparse SQL on DuckDB (changes by customer and period, never a grid); and what else is made of a range."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd

from benchmarks.timing import Once, once, print_table
from eqho.application import ROOT
from eqho.ledger.build import Ledger
from eqho.ledger.spans import Ints, Spans
from eqho.metrics.cohorts import cohort_rows
from eqho.metrics.entered import Inputs
from eqho.metrics.movements import KINDS, Movement, movements
from eqho.metrics.policy import EQHO
from eqho.metrics.query import Scene
from eqho.metrics.rows import CohortRow
from eqho.metrics.series import points
from eqho.periods import DAY, FAR, Period, PeriodLength, periods
from eqho.products import ALL, load

SPANS, CUSTOMERS = 200_000, 50_000
FIRST, LAST = date(2016, 11, 1), date(2026, 11, 1)
NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
TIMES = 3
COUNTS = ("mrr", "customers", "subscriptions")
RATES = ("customer_churn_rate", "gross_mrr_churn_rate", "net_mrr_churn_rate", "nrr_12m", "grr_12m")
T = TypeVar("T")

SQL = """
with steps as (
  select s.customer, p.i, s.mrr as delta
  from spans s asof join periods p on s.started <= p.sampled
  union all
  select s.customer, p.i, -s.mrr
  from spans s asof join periods p on s.ended <= p.sampled
),
changes as (
  select customer, i, sum(delta) as delta from steps group by customer, i having sum(delta) <> 0
),
balances as (
  select customer, i, delta,
    sum(delta) over (partition by customer order by i rows unbounded preceding) as mrr
  from changes
),
began as (select customer, min(started) as first from spans group by customer)
select i,
  sum(case when mrr = delta and first >= p.begins then delta else 0 end) as "new",
  sum(case when mrr = delta and first < p.begins then delta else 0 end) as reactivation,
  sum(case when mrr > delta and delta > 0 then delta else 0 end) as expansion,
  sum(case when mrr > 0 and delta < 0 then -delta else 0 end) as contraction,
  sum(case when mrr = 0 then -delta else 0 end) as churn
from balances join began using (customer) join periods p using (i)
group by i order by i
"""


def run() -> None:
    spans = random_spans(np.random.default_rng(7))
    lines = load(ROOT / "eqho.toml")
    ledger = Ledger(spans, {}, {}, {}, (), (), (), NOW)

    def opened() -> Scene:
        return Scene(ledger, lines, Inputs(), ALL, NOW, EQHO, "usd", ZoneInfo("UTC"))

    rows: list[tuple[str, ...]] = []
    lengths: tuple[PeriodLength, ...] = ("month", "day")
    for length in lengths:
        spanned = of(length)
        theirs, querying = best(partial(in_sql, spans, spanned))
        ours, moving = best(partial(moved, opened, spanned))
        rows.append((f"movements by {length}, {len(spanned):,}: sparse SQL on DuckDB", *querying.cells, "1"))
        rows.append((f"the same from the spans; {agreement(ours, theirs)}", *moving.cells,
                     f"{moving.wall / querying.wall:.2f}"))  # fmt: skip
    for name, call in (
        ("five retention rates of each month", lambda: points(opened(), RATES, of("month"))),
        ("cohorts, customers and MRR", lambda: both_cohorts(opened())),
        ("Trends by day: MRR, customers, subscriptions", lambda: points(opened(), COUNTS, of("day"))),
        ("Trends by day: five retention rates", lambda: points(opened(), RATES, of("day"))),
    ):
        rows.append((name, *best(call)[1].cells, ""))
    print_table(("step", "seconds", "CPU seconds", "÷ SQL"), rows)
    print(f"\n{SPANS:,} spans, {CUSTOMERS:,} customers; the better of {TIMES}. DuckDB uses every core.")
    print(f"{peak(opened()) / 1e6:,.0f} MB at most beside the spans.")


def moved(opened: Callable[[], Scene], spanned: list[Period]) -> list[Movement]:
    return movements(opened().book, spanned, NOW)


def of(length: PeriodLength) -> list[Period]:
    return periods(FIRST, LAST, length, ZoneInfo("UTC"))


def best(call: Callable[[], T]) -> tuple[T, Once]:
    """The other run may have shared the machine."""
    return min((once(call) for _ in range(TIMES)), key=lambda found: found[1].wall)


def random_spans(random: np.random.Generator) -> Spans:
    """Four spans a customer in a row: some meet, some leave a gap; the last may still run."""
    each = SPANS // CUSTOMERS
    begin = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp())
    joined = random.integers(begin, NOW - 400 * DAY, (CUSTOMERS, 1))
    length = random.integers(20, 700, (CUSTOMERS, each)) * DAY
    gap = random.choice([0, 0, 0, 45 * DAY, 200 * DAY], (CUSTOMERS, each))
    start = joined + np.cumsum(length + gap, axis=1) - length - gap
    end = start + length
    begun = start <= NOW
    end = np.where(end > NOW, FAR, end)
    customer = np.repeat(np.arange(CUSTOMERS), each).reshape(CUSTOMERS, each)
    # What would begin in the future is worth nothing and ends where it begins.
    start, end = np.where(begun, start, NOW), np.where(begun, end, NOW)
    return table(customer.ravel(), start.ravel(), end.ravel(), random.integers(1, 100, SPANS) * 10_000_000)


def table(customer: Ints, start: Ints, end: Ints, mrr: Ints) -> Spans:
    codes = {name: np.zeros(SPANS, np.int32) for name in ("line", "product", "price", "currency", "invoice")}
    return Spans(
        customer=customer.astype(np.int32),
        subscription=np.arange(SPANS, dtype=np.int32),
        item=np.arange(SPANS, dtype=np.int32),
        **codes,
        quantity=np.ones(SPANS),
        list_mrr=mrr,
        net_eqho=mrr,
        net_stripe=mrr,
        state=np.zeros(SPANS, np.int8),
        start=start,
        end=end,
        requested=end,
        evidence=np.zeros(SPANS, np.int8),
        inferred=np.zeros(SPANS, np.bool_),
        names={
            "customer": [f"cus_{n}" for n in range(CUSTOMERS)],
            "currency": ["usd"],
            "line": ["towpilot"],
        },
    )


def in_sql(spans: Spans, spanned: list[Period]) -> pd.DataFrame:
    real = spans.end > spans.start
    columns: dict[str, Any] = {
        "customer": spans.customer,
        "started": spans.start,
        "ended": spans.end,
        "mrr": spans.net_eqho,
    }
    with duckdb.connect() as connection:
        connection.register("spans", pd.DataFrame({name: column[real] for name, column in columns.items()}))
        connection.register(
            "periods",
            pd.DataFrame(
                [(i, period.start, period.sample(NOW)) for i, period in enumerate(spanned)],
                columns=["i", "begins", "sampled"],
            ),
        )
        return connection.execute(SQL).df()


def both_cohorts(scene: Scene) -> list[list[CohortRow]]:
    return [cohort_rows(scene, "customers"), cohort_rows(scene, "mrr")]


def peak(scene: Scene) -> int:
    """Bytes, in a run of its own: counting them slows Python down."""
    tracemalloc.start()
    points(scene, (*COUNTS, *RATES), of("day"))
    both_cohorts(scene)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest


def agreement(ours: list[Movement], theirs: pd.DataFrame) -> str:
    """Periods in which nothing changed have no row in SQL."""
    told = theirs.set_index("i")
    kinds = [kind for kind in KINDS if kind in told.columns]
    same = all(
        (int(told[kind].get(i, 0)) == row.amounts[kind]) for i, row in enumerate(ours) for kind in kinds
    )
    return "the same amounts" if same else "the amounts DIFFER"
