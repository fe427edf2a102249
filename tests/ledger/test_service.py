"""From when on a subscription counts: from the day it was made or the first period that was billed, whichever
is earlier; told before the first bill, after it, and long after, with and without stored events."""

import pytest
from msgspec.structs import replace

from eqho.billing.objects import Snapshot
from eqho.ledger.spans import State
from tests.ledger.stripe_account import (
    BASIC,
    FLEET,
    PRO,
    SEAT,
    at,
    column,
    coupon,
    invoice,
    item,
    ledger,
    line,
    months,
    rows,
    subscription,
)

MONTHS = ("2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01")
told_at = pytest.mark.parametrize(
    "now", ["2026-05-20", "2026-06-25", "2026-07-01", "2026-07-15", "2026-11-15"]
)
stored = pytest.mark.parametrize("events", [False, True], ids=["from a fresh folder", "with events"])


def billed(price, now, *starts, **more):
    return [i for i in months(price, *(starts or MONTHS), **more) if i.created <= at(now)]


def merged(spans):
    """Stretches that follow each other at the same worth are one; the evidence may differ."""
    found = []
    for start, end, mrr in rows(spans):
        goes_on = found and found[-1][1:] == (start, mrr)
        found.append((found.pop()[0] if goes_on else start, end, mrr))
    return found


@told_at
@stored
def test_with_the_anchor_ahead_and_nothing_billed_until_then_it_counts_from_the_day_it_was_made(now, events):
    made = subscription(item(created="2026-05-20"), start="2026-05-20")
    snapshots = (Snapshot(at("2026-05-20"), made),) if events else ()
    told = ledger(made, invoices=billed(BASIC, now), snapshots=snapshots, now=now)
    assert merged(told.spans) == [("2026-05-20", "…", 100.0)]


@told_at
def test_a_bill_of_nothing_until_the_anchor_is_no_trial_where_there_never_was_one(now):
    made = subscription(item(created="2026-05-20"), start="2026-05-20")
    nothing = invoice(line(BASIC, "2026-05-20", "2026-07-01", 0))
    told = ledger(made, invoices=[nothing, *billed(BASIC, now)], now=now)
    assert merged(told.spans) == [("2026-05-20", "…", 100.0)]


@pytest.mark.parametrize("now", ["2026-06-15", "2026-07-05", "2026-07-10", "2026-08-20", "2026-11-20"])
@stored
def test_an_imported_start_counts_nothing_before_the_day_of_the_import(now, events):
    made = replace(subscription(item(created="2026-06-15"), start="2026-01-10"), created=at("2026-06-15"))
    told = ledger(
        made,
        invoices=billed(BASIC, now, "2026-07-10", "2026-08-10", "2026-09-10", "2026-10-10", "2026-11-10"),
        snapshots=(Snapshot(at("2026-06-15"), made),) if events else (),
        now=now,
    )
    assert merged(told.spans) == [("2026-06-15", "…", 100.0)]


def test_a_backdated_start_counts_from_there_where_it_was_billed():
    made = replace(subscription(item(created="2026-06-15"), start="2026-01-10"), created=at("2026-06-15"))
    since = line(BASIC, "2026-01-10", "2026-06-15", 51000, proration=True)
    told = ledger(
        made,
        invoices=[invoice(since, line(BASIC, "2026-06-15", "2026-07-15"), created="2026-06-15")],
        now="2026-07-01",
    )
    assert merged(told.spans) == [("2026-01-10", "…", 100.0)]


@pytest.mark.parametrize("now", ["2026-06-16", "2026-07-05", "2026-07-10", "2026-08-20", "2026-11-20"])
def test_made_anew_as_a_backdated_copy_it_is_100_at_every_month_end(now):
    tenths = [f"2026-{month:02}-10" for month in range(1, 13)]
    original = subscription(
        item(created="2026-01-10"), status="canceled", start="2026-01-10", ended_at=at("2026-06-15") + 60
    )
    copy = replace(
        subscription(item(id="si_2", created="2026-06-15"), start="2026-01-10", id="sub_2"),
        created=at("2026-06-15"),
    )
    of_copy = [
        replace(
            bill,
            id=f"{bill.id}_2",
            subscription="sub_2",
            lines=tuple(replace(each, subscription="sub_2") for each in bill.lines),
        )
        for bill in billed(BASIC, now, *tenths[6:], item="si_2")
    ]
    told = ledger(original, copy, invoices=[*months(BASIC, *tenths[:6]), *of_copy], now=now)
    for day in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", now):
        here = told.spans.where((told.spans.start <= at(day)) & (at(day) < told.spans.end))
        assert here.net_eqho.sum() == 100_000_000
    assert merged(told.spans.where(told.spans.subscription == told.spans.code("subscription", "sub_1"))) == [
        ("2026-01-10", "2026-06-15", 100.0)
    ]


def test_more_seats_before_the_first_bill_are_dated_and_what_was_before_is_what_was_credited():
    more = invoice(
        line(SEAT, "2026-06-10", "2026-07-01", 0, 3, proration=True, credit=True),
        line(SEAT, "2026-06-10", "2026-07-01", 3500, 5, proration=True),
        created="2026-06-10",
    )
    told = ledger(
        subscription(item(SEAT, 5, created="2026-05-20"), start="2026-05-20"),
        invoices=[more, *months(SEAT, "2026-07-01", "2026-08-01", quantity=5)],
        now="2026-07-15",
    )
    assert merged(told.spans) == [("2026-05-20", "2026-06-10", 30.0), ("2026-06-10", "…", 50.0)]


@pytest.mark.parametrize("now", ["2026-06-25", "2026-07-15", "2026-09-15"])
def test_an_item_that_is_first_billed_with_the_next_period_counts_from_the_day_it_was_added(now):
    made = subscription(item(), item(FLEET, id="si_2", created="2026-06-20"), start="2026-05-01")
    basic = billed(BASIC, now, "2026-05-01", "2026-06-01", *MONTHS)
    told = ledger(made, invoices=[*basic, *billed(FLEET, now, *MONTHS, item="si_2")], now=now)
    fleet = told.spans.where(told.spans.item == told.spans.code("item", "si_2"))
    assert merged(fleet) == [("2026-06-20", "…", 200.0)]


def test_what_was_gone_before_today_counts_from_the_first_day_too():
    made = subscription(item(PRO, id="si_2", created="2026-08-05"), start="2026-05-20")
    swap = invoice(
        line(BASIC, "2026-08-05", "2026-09-01", -8700, proration=True, credit=True),
        line(PRO, "2026-08-05", "2026-09-01", 43500, proration=True, item="si_2"),
        created="2026-08-05",
    )
    told = ledger(
        made, invoices=[*months(BASIC, "2026-07-01", "2026-08-01", "2026-09-01"), swap], now="2026-08-20"
    )
    assert merged(told.spans) == [("2026-05-20", "2026-08-05", 100.0), ("2026-08-05", "…", 500.0)]


# A trial whose first bill was settled otherwise


def trial(first, **more):
    return ledger(
        subscription(
            item(created="2026-05-01"), start="2026-05-01",
            trial_start=at("2026-05-01"), trial_end=at("2026-05-15"),
        ),
        invoices=[invoice(line(BASIC, "2026-05-01", "2026-05-15", 0)), first],
        **more,
    ).subscriptions[0]  # fmt: skip


def test_a_trial_is_converted_by_a_first_bill_that_the_customers_balance_paid():
    settled = replace(invoice(line(BASIC, "2026-05-15", "2026-06-15")), amount_due=0, amount_paid=0)
    assert trial(settled).converted is True


def test_a_trial_is_not_converted_by_a_first_bill_of_nothing_or_one_that_is_open():
    free = coupon(100, start="2026-05-01")
    assert trial(invoice(line(BASIC, "2026-05-15", "2026-06-15", off=[(free, 10000)]))).converted is False
    assert trial(invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="open")).converted is False


# Free periods: a trial given to somebody who pays


PAID = ("2026-03-15", "2026-04-15", "2026-05-15", "2026-06-15")
_FREE = {
    "before": ("2026-06-01", "active"),
    "during": ("2026-07-01", "trialing"),
    "after": ("2026-07-20", "active"),
    "after the first bill": ("2026-08-01", "active"),
}


def given(now, status, *, events=False, **more):
    """A free month from 20 June to 20 July; the rest of the month that was paid is given back."""
    window = {"trial_start": at("2026-06-20"), "trial_end": at("2026-07-20")} if at(now) > at(PAID[3]) else {}
    then = subscription(item(created="2026-03-15"), start="2026-03-15")
    today = replace(then, status=status, **window)
    trialing = replace(then, status="trialing", trial_start=at("2026-06-20"), trial_end=at("2026-07-20"))
    told = [
        (("2026-03-15"), then),
        ("2026-06-20", trialing),
        ("2026-07-20", replace(trialing, status="active")),
    ]
    free = invoice(
        line(BASIC, "2026-06-20", "2026-07-15", -8333, proration=True, credit=True),
        line(BASIC, "2026-06-20", "2026-07-20", 0),
        created="2026-06-20",
        reason="subscription_update",
    )
    bills = [*months(BASIC, *PAID, "2026-07-15"), free, *months(BASIC, "2026-07-21", "2026-08-21")]
    return ledger(
        today,
        invoices=[bill for bill in bills if bill.created < at(now)],
        snapshots=tuple(Snapshot(at(day), body) for day, body in told if events and at(day) <= at(now)),
        now=now,
        **more,
    )


@stored
@pytest.mark.parametrize(("now", "status"), _FREE.values(), ids=_FREE)
def test_a_free_month_given_to_somebody_who_pays_is_a_state_of_its_own(now, status, events):
    spans = given(now, status, events=events).spans
    stretches = sorted(zip(merged_states(spans), strict=True))
    expected = {
        "2026-06-01": [("2026-03-15", "…", State.ACTIVE)],
        "2026-07-01": [("2026-03-15", "2026-06-20", State.ACTIVE), ("2026-06-20", "…", State.FREE_PERIOD)],
    }.get(
        now,
        [
            ("2026-03-15", "2026-06-20", State.ACTIVE),
            ("2026-06-20", "2026-07-20", State.FREE_PERIOD),
            ("2026-07-20", "…", State.ACTIVE),
        ],
    )
    assert [each for (each,) in stretches] == expected
    assert {mrr for _, _, mrr in rows(spans)} == {100.0}


def merged_states(spans):
    found = []
    for (start, end, _), state in zip(
        rows(spans), column(spans.where(spans.start >= 0), "state"), strict=True
    ):
        goes_on = found and found[-1][1:] == (start, state)
        found.append((found.pop()[0] if goes_on else start, end, State(state)))
    return found


@pytest.mark.parametrize(("now", "status"), _FREE.values(), ids=_FREE)
def test_a_free_month_is_no_trial_that_could_convert(now, status):
    (fact,) = given(now, status).subscriptions
    assert (fact.trial_start, fact.trial_over, fact.converted) == (None, None, False)
    assert fact.status == ("free_period" if status == "trialing" else "active")


def test_the_first_trial_is_still_told_when_a_free_month_followed():
    told = ledger(
        subscription(
            item(created="2026-03-01"), start="2026-03-01", status="trialing",
            trial_start=at("2026-05-20"), trial_end=at("2026-06-20"),
        ),
        invoices=[
            invoice(line(BASIC, "2026-03-01", "2026-03-15", 0)),
            *months(BASIC, *PAID[:3]),
            invoice(line(BASIC, "2026-05-20", "2026-06-20", 0)),
        ],
        now="2026-06-01",
    )  # fmt: skip
    (fact,) = told.subscriptions
    assert (fact.trial_start, fact.trial_over, fact.converted) == (at("2026-03-01"), at("2026-03-15"), True)
    assert merged_states(told.spans) == [
        ("2026-03-15", "2026-05-20", State.ACTIVE),
        ("2026-05-20", "…", State.FREE_PERIOD),
    ]


def test_a_trial_that_is_made_longer_before_anything_was_paid_is_still_a_trial():
    told = ledger(
        subscription(
            item(created="2026-05-01"), start="2026-05-01", status="trialing",
            trial_start=at("2026-05-10"), trial_end=at("2026-06-20"),
        ),
        invoices=[
            invoice(line(BASIC, "2026-05-01", "2026-05-15", 0)),
            invoice(line(BASIC, "2026-05-10", "2026-06-20", 0)),
        ],
        now="2026-06-01",
    )  # fmt: skip
    assert rows(told.spans) == []


def test_two_free_months_are_told_apart():
    told = ledger(
        subscription(
            item(created="2026-03-15"), start="2026-03-15",
            trial_start=at("2026-06-15"), trial_end=at("2026-07-15"),
        ),
        invoices=[
            *months(BASIC, "2026-03-15", "2026-04-15"),
            invoice(line(BASIC, "2026-04-15", "2026-05-15", 0)),
            *months(BASIC, "2026-05-15", "2026-06-15"),
            invoice(line(BASIC, "2026-06-15", "2026-07-15", 0)),
            *months(BASIC, "2026-07-15", "2026-08-15"),
        ],
        now="2026-08-01",
    )  # fmt: skip
    assert [state for _, _, state in merged_states(told.spans)] == [
        State.ACTIVE, State.FREE_PERIOD, State.ACTIVE, State.FREE_PERIOD, State.ACTIVE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "again", "expected"),
    [
        ("paused", (), []),
        ("active", ("2026-09-01",), [("2026-09-01", "…", State.ACTIVE)]),
        ("canceled", (), []),
    ],
)
def test_after_free_time_that_ended_without_a_way_to_pay_nothing_counts_until_the_next_bill(
    status, again, expected
):
    gone = {"ended_at": at("2026-09-01")} if status == "canceled" else {}
    told = ledger(
        subscription(
            item(created="2026-03-15"), start="2026-03-15", status=status, pauses_after_trial=True,
            trial_start=at("2026-06-15"), trial_end=at("2026-07-15"), **gone,
        ),
        invoices=[
            *months(BASIC, "2026-03-15", "2026-04-15", "2026-05-15", "2026-06-15"),
            invoice(line(BASIC, "2026-06-15", "2026-07-15", 0)),
            *months(BASIC, *again, "2026-10-01")[: len(again)],
        ],
        now="2026-09-15",
    )  # fmt: skip
    assert merged_states(told.spans) == [
        ("2026-03-15", "2026-06-15", State.ACTIVE),
        ("2026-06-15", "2026-07-15", State.FREE_PERIOD),
        *expected,
    ]


def test_a_bill_of_free_time_denies_no_discount_that_stands_beside_it():
    half = coupon(50, start="2026-06-01")
    told = ledger(
        subscription(
            item(created="2026-03-15"), start="2026-03-15", discounts=(half,),
            trial_start=at("2026-06-15"), trial_end=at("2026-07-15"),
        ),
        invoices=[
            *months(BASIC, "2026-03-15", "2026-04-15", "2026-05-15", "2026-06-15"),
            invoice(line(BASIC, "2026-06-15", "2026-07-15", 0)),
            invoice(line(BASIC, "2026-07-15", "2026-08-15", off=[(half, 5000)])),
        ],
        now="2026-08-01",
    )  # fmt: skip
    assert [(start, mrr) for start, _, mrr in merged(told.spans)] == [
        ("2026-03-15", 100.0),
        ("2026-06-01", 50.0),
    ]


def test_a_first_trial_that_was_ended_early_is_over_with_its_first_bill_although_a_free_month_followed():
    told = ledger(
        subscription(
            item(created="2026-03-01"), start="2026-03-01", status="trialing",
            trial_start=at("2026-05-08"), trial_end=at("2026-06-08"),
        ),
        invoices=[
            invoice(line(BASIC, "2026-03-01", "2026-03-31", 0)),
            *months(BASIC, "2026-03-08", "2026-04-08", "2026-05-08"),
            invoice(line(BASIC, "2026-05-08", "2026-06-08", 0)),
        ],
        now="2026-06-01",
    )  # fmt: skip
    (fact,) = told.subscriptions
    assert (fact.trial_start, fact.trial_over, fact.converted) == (at("2026-03-01"), at("2026-03-08"), True)
    assert merged_states(told.spans) == [
        ("2026-03-08", "2026-05-08", State.ACTIVE),
        ("2026-05-08", "…", State.FREE_PERIOD),
    ]
