"""Cash of every month is a plain sum over Stripe's own objects, as a spreadsheet would make it."""

import os
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from eqho.metrics.query import Undefined
from eqho.periods import day_of, periods
from eqho.products import ALL
from eqho.sources.demo.company import INTERNAL_EMAIL_DOMAIN
from eqho.stripe_simulator.calendar import instant
from tests.ledger.comparison import Written
from tests.metrics.as_json import cash_rows
from tests.metrics.queries import LINES, scene_of
from tests.oracle.simulator import build_company

NOW = instant("2026-11-22T12:00:00")
SEEDS = max(1, int(os.environ.get("EQHO_SEEDS", "2")) // 2)
_MINOR = {"usd": 100, "eur": 100, "jpy": 1}

Sums = dict[tuple[str, str, str], int]
"""(currency, month, what) → minor units."""


def spreadsheet(bodies: dict[str, list[dict[str, Any]]]) -> Sums:
    sums: Sums = defaultdict(int)

    def add(body: dict[str, Any], at: int, what: str, amount: int) -> None:
        sums[body["currency"], f"{datetime.fromtimestamp(at, UTC):%Y-%m}", what] += amount

    own = {body["id"] for body in bodies["customer"] if (body["email"] or "").endswith(INTERNAL_EMAIL_DOMAIN)}
    for bill in bodies["invoice"]:
        if bill["customer"] in own:
            continue
        passed = bill["status_transitions"]
        if bill["status"] != "draft" and bill["amount_paid"]:
            paid_at = passed["paid_at"] or passed["finalized_at"] or bill["created"]
            add(bill, paid_at, "paid", bill["amount_paid"])
    for refund in bodies["refund"]:
        if refund["status"] not in ("failed", "canceled"):
            add(refund, refund["created"], "refunded", refund["amount"])
    for dispute in bodies["dispute"]:
        if not dispute["status"].startswith("warning"):
            add(dispute, dispute["created"], "disputed", dispute["amount"])
    for note in bodies["credit_note"]:
        if note["status"] != "void" and note["customer"] not in own:
            add(note, note["created"], "credited", note["amount"])
    return sums


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_paid_refunded_credited_and_disputed_are_the_sums_of_the_objects(seed: int) -> None:
    written = Written(build_company(NOW, seed=seed).account, ["newest"])
    told = written.ledger("newest", events=True, lines=LINES)
    expected = spreadsheet(written.bodies("newest"))
    compared = dict.fromkeys(("paid", "refunded", "credited", "disputed"), 0)
    for currency in sorted({currency for currency, _, _ in expected}):
        company = replace(scene_of(told, ALL), currency=currency)
        months = periods(date(2023, 10, 1), day_of(told.now, company.zone), "month", company.zone)
        rows = cash_rows(company, months, Undefined())
        by_line = [cash_rows(replace(company, product=key), months, Undefined()) for key in LINES.keys]
        for i, row in enumerate(rows):
            for what in compared:
                sums = expected.get((currency, row["period"], what), 0)
                assert minor(row[what], currency) == sums, (currency, row["period"], what)
                compared[what] += bool(sums)
            for what in ("paid", "credited"):
                lines = sum(minor(line[i][what], currency) for line in by_line)
                assert lines == minor(row[what], currency)
        assert sum(minor(row["paid"], currency) for row in rows) == sum(
            amount for (code, _, what), amount in expected.items() if (code, what) == (currency, "paid")
        )
    print(f"seed {seed}: months compared {compared}")
    assert all(compared.values())


def minor(amount: float, currency: str) -> int:
    found = Fraction(str(amount)) * _MINOR[currency]
    assert found.denominator == 1
    return int(found)
