"""Cash by month: paid, refunded, credited, failed and recovered, usage."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from eqho.billing.objects import CreditNote, Dispute, Invoice, Price, Refund
from eqho.ledger.build import Ledger
from eqho.ledger.cash import split
from eqho.ledger.tables import pack, unpack
from eqho.metrics.cash import apart
from eqho.metrics.entered import Inputs, Rate
from eqho.metrics.query import Undefined
from eqho.metrics.rows import CashApart
from eqho.periods import day_of, periods
from eqho.tiers import views
from tests.ledger import stripe_account
from tests.ledger.stripe_account import BASIC, FLEET, at, invoice, item, ledger, line, subscription
from tests.metrics.as_json import ages, asked, cash_rows, snapshot
from tests.metrics.queries import scene_of

SUBSCRIPTION = subscription(item(period=("2026-06-01", "2026-07-01")))


def billed(day: str, until: str, **more: Any) -> Invoice:
    """$100 of TowPilot from `day` on; `more` replaces fields of the invoice."""
    return changed(invoice(line(BASIC, day, until)), **more)


def changed(one: Invoice, **more: Any) -> Invoice:
    return Invoice(**{name: getattr(one, name) for name in one.__struct_fields__} | more)


def rows(now: Ledger, product: str = "all-products", as_of: str | None = None) -> list[dict[str, Any]]:
    """January to June 2026."""
    scene = scene_of(now, product, at(as_of) - 1 if as_of else None)
    spanned = periods(day_of(at("2026-01-01"), scene.zone), day_of(scene.at, scene.zone), "month", scene.zone)
    return cash_rows(scene, spanned, Undefined())


def column(name: str, *arguments: Any, **more: Any) -> list[Any]:
    return [row[name] for row in rows(*arguments, **more)]


def test_payments_count_in_the_month_they_were_made() -> None:
    now = ledger(
        SUBSCRIPTION,
        invoices=[
            billed("2026-01-01", "2026-02-01"),
            billed("2026-02-01", "2026-03-01", paid_at=at("2026-03-01")),
            billed("2026-03-01", "2026-04-01", paid_at=at("2026-04-01") - 1),
        ],
    )
    assert column("paid", now) == [100.0, 0.0, 200.0, 0.0, 0.0, 0.0]
    assert [row["period"] for row in rows(now)] == [f"2026-0{month}" for month in range(1, 7)]
    assert column("running", now) == [False] * 5 + [True]


def test_an_unpaid_or_draft_invoice_is_no_cash() -> None:
    now = ledger(
        SUBSCRIPTION,
        invoices=[
            billed("2026-01-01", "2026-02-01", status="open", amount_paid=0, paid_at=None),
            billed("2026-02-01", "2026-03-01", status="draft"),
        ],
    )
    assert column("paid", now) == [0.0] * 6
    assert column("failed", now) == [0] * 6


def test_failed_and_recovered_invoices_count_in_the_month_they_are_of() -> None:
    paid_late = {"attempt_count": 3, "amount_due": 10000, "paid_at": at("2026-03-09")}
    never = {"attempt_count": 4, "amount_due": 10000, "amount_paid": 0, "paid_at": None}
    now = ledger(
        SUBSCRIPTION,
        invoices=[
            billed("2026-01-01", "2026-02-01", attempt_count=1),
            billed("2026-02-01", "2026-03-01", **paid_late),
            billed("2026-02-02", "2026-03-02", status="uncollectible", **never),
            billed("2026-02-03", "2026-03-03", status="open", **never),
            billed("2026-04-01", "2026-05-01", status="void", **never),
        ],
    )
    assert column("failed", now) == [0, 3, 0, 1, 0, 0]
    assert column("recovered", now) == [0, 1, 0, 0, 0, 0]
    assert column("failed_amount", now) == [0.0, 300.0, 0.0, 100.0, 0.0, 0.0]
    assert column("recovered_amount", now) == [0.0, 100.0, 0.0, 0.0, 0.0, 0.0]
    assert column("recovery_rate", now) == [None, pytest.approx(1 / 3), None, 0.0, None, None]
    assert column("paid", now) == [100.0, 0.0, 100.0, 0.0, 0.0, 0.0]
    # On February 28 nothing had been paid later yet.
    assert column("recovered", now, as_of="2026-03-01") == [0, 0]
    assert column("failed", now, as_of="2026-03-01") == [0, 3]


WAITING = {"status": "open", "amount_paid": 0, "amount_due": 10_000, "paid_at": None}


def test_an_invoice_is_open_until_it_is_settled_and_overdue_from_the_day_it_was_due() -> None:
    now = ledger(
        SUBSCRIPTION,
        invoices=[
            billed("2026-01-01", "2026-02-01", **WAITING),
            billed("2026-02-10", "2026-03-10", due_date=at("2026-03-12"), paid_at=at("2026-04-05")),
            billed("2026-03-01", "2026-04-01", **WAITING | {"status": "void", "voided_at": at("2026-05-02")}),
            billed("2026-04-01", "2026-05-01", **WAITING | {"amount_paid": 2_500}),
            billed("2026-05-20", "2026-06-20", **WAITING | {"due_date": at("2026-07-01")}),
        ],
    )
    assert column("open", now) == [100.0, 200.0, 300.0, 275.0, 275.0, 275.0]
    assert column("overdue", now) == [100.0, 100.0, 300.0, 275.0, 175.0, 175.0]
    assert column("open", now, as_of="2026-04-01") == [100.0, 200.0, 300.0]
    # January's has been due for 165 days, April's 75 of its 100 for 75.
    assert {row["age"]: row["amount"] for row in ages(scene_of(now, "all-products"))} == {
        "up to 30 days": 0.0, "31 to 60 days": 0.0, "61 to 90 days": 75.0, "over 90 days": 100.0,
    }  # fmt: skip


def test_an_invoice_that_is_paid_at_once_was_never_open() -> None:
    now = ledger(
        SUBSCRIPTION, invoices=[billed("2026-01-01", "2026-02-01", paid_at=at("2026-01-01") + 3_600)]
    )
    assert column("open", now) == [0.0] * 6


def test_the_document_has_the_last_closed_month_and_what_is_open_now() -> None:
    now = ledger(
        SUBSCRIPTION,
        invoices=[
            billed("2026-05-01", "2026-06-01"),
            billed("2026-06-01", "2026-07-01", **WAITING),
        ],
    )
    document = snapshot(scene_of(now, "all-products"))
    assert document["cash_metrics"] == {
        "period": "2026-05", "paid": 100.0, "refunded": 0.0, "failed": 0, "recovered": 0,
        "recovery_rate": None, "open": 100.0, "overdue": 100.0,
    }  # fmt: skip
    assert document["undefined"]["cash_metrics.recovery_rate"] == "no invoice failed in the period"


def test_the_next_bills_are_those_of_subscriptions_that_go_on() -> None:
    now = ledger(
        subscription(item(period=("2026-06-01", "2026-07-01"))),
        invoices=[billed("2026-06-01", "2026-07-01")],
    )
    found = asked(views.Cash(), scene_of(now, "all-products"))
    assert [(row["customer"], row["date"], row["amount"]) for row in found["renewals"]] == [
        ("cus_1", "2026-07-01", 100.0)
    ]
    past = asked(views.Cash(), scene_of(now, "all-products", at("2026-06-10")))
    assert (past["renewals"], past["undefined"]["renewals"]) == (
        [],
        "the next bills are known for today only",
    )


def test_what_is_not_defined_gives_its_reason() -> None:
    scene = scene_of(ledger(SUBSCRIPTION), "towpilot")
    undefined = Undefined()
    june = periods(day_of(scene.at, scene.zone), day_of(scene.at, scene.zone), "month", scene.zone)
    [row] = cash_rows(scene, june, undefined)
    assert (row["refunded"], row["recovery_rate"]) == (None, None)
    assert undefined == {
        "rows.0.disputed": "Stripe's disputes name no invoice: they are known for all products together only",
        "rows.0.refunded": "Stripe's refunds name no invoice: they are known for all products together only",
        "rows.0.recovery_rate": "no invoice failed in the period",
    }


def test_refunds_and_credit_notes_count_when_they_were_made() -> None:
    paid = billed("2026-01-01", "2026-02-01")
    now = ledger(
        SUBSCRIPTION,
        invoices=[paid],
        refunds=(
            Refund("re_1", 2_500, "usd", at("2026-02-10"), "succeeded"),
            Refund("re_2", 1_000, "usd", at("2026-02-11"), "failed"),
            Refund("re_3", 300, "usd", at("2026-03-01"), "pending"),
            Refund("re_4", 7_000, "eur", at("2026-03-01"), "succeeded"),
        ),
        credit_notes=(
            CreditNote("cn_1", paid.id, "cus_1", "usd", 4_000, at("2026-02-12"), "issued"),
            CreditNote("cn_2", paid.id, "cus_1", "usd", 900, at("2026-02-13"), "void"),
        ),
    )
    assert column("refunded", now) == [0.0, 25.0, 3.0, 0.0, 0.0, 0.0]
    assert column("credited", now) == [0.0, 40.0, 0.0, 0.0, 0.0, 0.0]
    assert column("credited", now, "towpilot") == [0.0, 40.0, 0.0, 0.0, 0.0, 0.0]
    assert column("credited", now, "fleetdesk") == [0.0] * 6


def test_a_dispute_counts_when_it_was_made_whatever_came_of_it() -> None:
    told = (
        ("dp_1", 2_500, "usd", "2026-02-10", "lost"),
        ("dp_2", 1_000, "usd", "2026-02-11", "won"),
        ("dp_3", 300, "usd", "2026-03-01", "needs_response"),
        ("dp_4", 7_000, "eur", "2026-03-01", "lost"),
        ("dp_5", 900, "usd", "2026-04-01", "warning_closed"),
        ("dp_6", 80, "usd", "2026-04-01", "prevented"),
    )
    disputes = tuple(Dispute(name, amount, code, at(day), status) for name, amount, code, day, status in told)
    now = ledger(SUBSCRIPTION, invoices=[billed("2026-01-01", "2026-02-01")], disputes=disputes)
    assert column("disputed", now) == [0.0, 35.0, 3.0, 0.0, 0.0, 0.0]
    assert column("disputed", now, as_of="2026-02-11") == [0.0, 25.0]
    assert column("disputed", now, "towpilot") == [None] * 6


@pytest.mark.parametrize(
    ("kind", "field"), [("refund", "refunded"), ("credit_note", "credited"), ("dispute", "disputed")]
)
def test_what_may_not_be_read_is_not_0(kind: str, field: str) -> None:
    scene = replace(scene_of(ledger(SUBSCRIPTION), "all-products"), unread=frozenset({kind}))
    undefined = Undefined()
    june = periods(day_of(scene.at, scene.zone), day_of(scene.at, scene.zone), "month", scene.zone)
    [row] = cash_rows(scene, june, undefined)
    others = {"refunded", "credited", "disputed"} - {field}
    assert (row[field], [row[other] for other in sorted(others)]) == (None, [0.0, 0.0])
    assert undefined[f"rows.0.{field}"].endswith("are not read: see the data issues")


EURO = {"currency": "eur"}
RATES = (
    Rate("2026-01-30", "EUR", Decimal("0.8")),
    Rate("2026-02-20", "EUR", Decimal("0.5")),
    Rate("2026-06-12", "EUR", Decimal("0.4")),
)


def test_what_moved_counts_at_the_rate_of_its_day_and_what_is_open_at_that_of_the_instant() -> None:
    now = ledger(
        SUBSCRIPTION,
        invoices=[
            billed("2026-01-01", "2026-02-01"),
            billed("2026-02-01", "2026-03-01", paid_at=at("2026-02-05"), **EURO),
            billed("2026-02-02", "2026-03-02", paid_at=at("2026-02-21"), attempt_count=2, amount_due=10_000,
                   **EURO),
            # On 10 April the latest rate is more than 7 days old.
            billed("2026-04-10", "2026-05-10", paid_at=at("2026-04-10"), **EURO),
            billed("2026-05-01", "2026-06-01", **WAITING | EURO),
        ],
        disputes=(Dispute("dp_1", 4_000, "eur", at("2026-02-22"), "lost"),),
    )  # fmt: skip
    scene = replace(scene_of(now, "all-products"), inputs=Inputs(rates=RATES))
    spanned = periods(day_of(at("2026-01-01"), scene.zone), day_of(scene.at, scene.zone), "month", scene.zone)
    found = cash_rows(scene, spanned, Undefined())
    assert [row["paid"] for row in found] == [100.0, 325.0, 0.0, 0.0, 0.0, 0.0]
    assert (found[1]["failed"], found[1]["failed_amount"], found[1]["recovered_amount"]) == (1, 125.0, 125.0)
    assert found[1]["disputed"] == 80.0
    # At the end of May there is no rate; on 15 June there is.
    assert [row["open"] for row in found] == [0.0, 0.0, 0.0, 0.0, 0.0, 250.0]
    assert {row["age"]: row["amount"] for row in ages(scene)}["31 to 60 days"] == 250.0
    assert apart(scene, spanned) == [CashApart("EUR", 100.0, 0.0)]
    without = replace(scene, inputs=Inputs())
    assert apart(without, spanned) == [CashApart("EUR", 300.0, 100.0)]
    assert sum(row["paid"] for row in cash_rows(without, spanned, Undefined())) == 100.0


def test_an_invoice_of_two_lines_is_shared_by_what_each_bills() -> None:
    both = changed(
        invoice(
            line(BASIC, "2026-01-01", "2026-02-01"),
            line(FLEET, "2026-01-01", "2026-02-01", item="si_2"),
        ),
        amount_paid=20_000,
        amount_due=20_000,
        attempt_count=2,
    )
    now = ledger(SUBSCRIPTION, invoices=[both])
    assert column("paid", now)[0] == 200.0
    assert (column("paid", now, "towpilot")[0], column("paid", now, "fleetdesk")[0]) == (66.66, 133.34)
    assert [column("failed", now, product)[0] for product in ("all-products", "towpilot", "fleetdesk")] == [
        1, 1, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, {"a": 1, "b": 1, "c": 1}, [("a", 33), ("b", 33), ("c", 34)]),
        (1, {"a": 1, "b": 99}, [("a", 0), ("b", 1)]),
        (500, {"a": -300, "b": 800}, [("b", 500)]),
        (500, {"a": 0}, [("a", 500)]),
    ],
)
def test_a_split_loses_nothing(amount: int, weights: dict[str, int], parts: list[tuple[str, int]]) -> None:
    assert split(amount, weights) == parts


def test_usage_counts_in_the_month_it_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Price("price_calls", "prod_tow", "usd", Decimal(1), metered=True)
    monkeypatch.setitem(stripe_account.PRICES, calls.id, calls)
    used = changed(
        invoice(line(calls, "2026-02-01", "2026-03-01", amount=1_234), created="2026-03-01"), paid_at=None
    )
    assert column("usage_revenue", ledger(SUBSCRIPTION, invoices=[used])) == [0.0, 12.34, 0.0, 0.0, 0.0, 0.0]


def test_internal_customers_are_left_out() -> None:
    account = ledger(SUBSCRIPTION, invoices=[billed("2026-01-01", "2026-02-01")])
    assert len(account.cash) == 1
    internal = stripe_account.Customer("cus_1", at("2026-01-01"), email="boss@internal.example")
    inside = stripe_account.Account(
        customers={"cus_1": internal},
        products={},
        prices={BASIC.id: BASIC},
        subscriptions={SUBSCRIPTION.id: SUBSCRIPTION},
        invoices=(billed("2026-01-01", "2026-02-01"),),
    )
    assert len(stripe_account.build_ledger(inside, stripe_account.Lines(), at("2026-06-15")).cash) == 0


def test_cash_survives_packing_empty_or_not() -> None:
    full = ledger(SUBSCRIPTION, invoices=[billed("2026-01-01", "2026-02-01")])
    assert rows(unpack(pack(full))) == rows(full)
    assert rows(unpack(pack(full)))[0]["paid"] == 100.0
    assert len(unpack(pack(ledger(SUBSCRIPTION))).cash) == 0
    assert unpack(pack(ledger(SUBSCRIPTION))).cash.names == {"line": [], "currency": []}


def test_the_view_takes_a_range_and_an_interval() -> None:
    now = ledger(
        SUBSCRIPTION, invoices=[billed("2026-02-01", "2026-03-01"), billed("2026-05-01", "2026-06-01")]
    )
    found = asked(views.Cash(date(2026, 3, 15), interval="quarter"), scene_of(now, "towpilot"))
    assert [(row["period"], row["paid"], row["running"]) for row in found["rows"]] == [
        ("2026-Q1", 100.0, False),
        ("2026-Q2", 100.0, True),
    ]
    assert found["undefined"]["rows.1.recovery_rate"] == "no invoice failed in the period"
