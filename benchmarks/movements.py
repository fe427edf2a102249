"""Movements, retention and cohorts of 200,000 spans, 50,000 customers and 121 months, beside the movements
in SQL on DuckDB and a plain sort of the same keys. Goal: 1 s and 1 GB."""

import tracemalloc
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd

from benchmarks.timing import once, print_table
from eqho.application import ROOT
from eqho.ledger.build import Ledger
from eqho.ledger.spans import Ints, Spans
from eqho.metrics import retention
from eqho.metrics.cohorts import cohort_rows
from eqho.metrics.entered import Inputs
from eqho.metrics.movements import KINDS, Movement, movements
from eqho.metrics.policy import EQHO
from eqho.metrics.query import Scene
from eqho.metrics.rows import CohortRow
from eqho.periods import DAY, FAR, Period, periods, same_day_months_ago
from eqho.products import ALL, load

SPANS, CUSTOMERS = 200_000, 50_000
FIRST, LAST = date(2016, 11, 1), date(2026, 11, 1)
NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())

SQL = """
with ends as (select i, sampled from months),
balance as (
  select c.customer, e.i, coalesce(sum(s.mrr), 0) as mrr
  from (select distinct customer from spans) c cross join ends e
  left join spans s on s.customer = c.customer and s.started <= e.sampled and e.sampled < s.ended
  group by all
),
step as (
  select customer, i, mrr, coalesce(lag(mrr) over w, 0) as before from balance
  window w as (partition by customer order by i)
),
began as (select customer, min(started) as first from spans group by customer)
select s.i,
  sum(case when before = 0 and mrr > 0 and first >= m.begins then mrr else 0 end) as "new",
  sum(case when before = 0 and mrr > 0 and first < m.begins then mrr else 0 end) as reactivation,
  sum(case when before > 0 and mrr > before then mrr - before else 0 end) as expansion,
  sum(case when mrr > 0 and mrr < before then before - mrr else 0 end) as contraction,
  sum(case when before > 0 and mrr = 0 then before else 0 end) as churn
from step s join began using (customer) join months m using (i)
group by s.i order by s.i
"""


def run() -> None:
    spans = random_spans(np.random.default_rng(7))
    months = periods(FIRST, LAST, "month", ZoneInfo("UTC"))
    lines = load(ROOT / "eqho.toml")
    ledger = Ledger(spans, {}, {}, {}, (), (), (), NOW)

    scene = Scene(ledger, lines, Inputs(), ALL, NOW, EQHO, "usd", ZoneInfo("UTC"))
    _, reading = once(lambda: scene.book)
    ours, moving = once(lambda: movements(scene.book, months, NOW))
    _, retaining = once(lambda: retained(scene, ours))
    _, cohorts = once(lambda: both_cohorts(scene))
    _, sorting = once(lambda: np.lexsort((spans.start, spans.customer)))
    theirs, querying = once(lambda: in_sql(spans, months))
    rows = [
        ("baseline: sort by (customer, start)", sorting),
        ("baseline: movements in SQL, DuckDB", querying),
        ("spans under the policy", reading),
        ("movements", moving),
        ("five retention rates of each month, from the movements", retaining),
        ("cohorts, customers and MRR", cohorts),
    ]
    print_table(("step", "seconds", "CPU seconds"), [(name, *timing.cells) for name, timing in rows])
    total = sum(timing.wall for timing in (reading, moving, retaining, cohorts))
    print(f"\nAll of ours: {total:.3f} s, {peak(scene, months) / 1e6:,.0f} MB at most beside the spans.")
    print(f"{SPANS:,} spans, {CUSTOMERS:,} customers, {len(months)} months; {agreement(ours, theirs)}.")


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


def in_sql(spans: Spans, months: list[Period]) -> pd.DataFrame:
    real = spans.end > spans.start
    columns = {"customer": spans.customer, "started": spans.start, "ended": spans.end, "mrr": spans.net_eqho}
    with duckdb.connect() as connection:
        connection.register("spans", pd.DataFrame({name: column[real] for name, column in columns.items()}))
        connection.register(
            "months",
            pd.DataFrame(
                [(i, month.start, month.sample(NOW)) for i, month in enumerate(months)],
                columns=["i", "begins", "sampled"],
            ),
        )
        return connection.execute(SQL).df()


def retained(scene: Scene, rows: list[Movement]) -> list[tuple[float | None, ...]]:
    found = []
    for row in rows:
        then = scene.end_of(same_day_months_ago(row.period.last, 12))
        at = row.period.sample(NOW)
        found.append(
            (
                retention.customer_churn_rate(scene.book, row, EQHO, at),
                retention.gross_mrr_churn_rate(row),
                retention.net_mrr_churn_rate(row),
                *retention.net_and_gross_retention(scene.book, then, at),
            )
        )
    return found


def both_cohorts(scene: Scene) -> list[list[CohortRow]]:
    return [cohort_rows(scene, "customers"), cohort_rows(scene, "mrr")]


def peak(scene: Scene, months: list[Period]) -> int:
    """Bytes, in a run of its own: counting them slows Python down."""
    tracemalloc.start()
    retained(scene, movements(scene.book, months, NOW))
    both_cohorts(scene)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest


def agreement(ours: list[Movement], theirs: pd.DataFrame) -> str:
    kinds = [kind for kind in KINDS if kind in theirs.columns]
    same = all(int(theirs[kind].iloc[i]) == row.amounts[kind] for i, row in enumerate(ours) for kind in kinds)
    return "both give the same amounts" if same else "the amounts DIFFER"
