"""A change that was billed before it was made and never paid was never made; one that stood is true although
its bill was voided. Asked before, during and after, and after the bills that followed."""

import pytest
from msgspec.structs import replace

from eqho.billing.objects import Snapshot
from tests.ledger.stripe_account import (
    BASIC,
    FLEET,
    PRO,
    SEAT,
    YEARLY,
    at,
    invoice,
    item,
    ledger,
    line,
    months,
    rows,
    subscription,
)

SINCE_MARCH = ("2026-03-15", "2026-04-15", "2026-05-15", "2026-06-15", "2026-07-15", "2026-08-15")
_MOMENTS = {
    "before": ("2026-06-19", None, 4),
    "while its bill is open": ("2026-06-21", "open", 4),
    "after its bill was voided": ("2026-06-30", "void", 4),
    "after the next bill": ("2026-07-20", "void", 5),
    "long after": ("2026-08-10", "void", 5),
}
moments = pytest.mark.parametrize(("now", "status", "bills"), _MOMENTS.values(), ids=_MOMENTS)


def update(*lines, status):
    return invoice(
        *lines,
        status=status,
        created="2026-06-20",
        voided="2026-06-21" if status == "void" else None,
        reason="subscription_update",
        id="in_update",
    )


def upgrade(status):
    return update(
        line(BASIC, "2026-06-20", "2026-07-15", -8333, proration=True, credit=True),
        line(PRO, "2026-06-20", "2026-07-15", 41667, proration=True),
        status=status,
    )


def told(price, status, proposed, bills, now, **more):
    waits = {"pending_update": True, "latest_invoice": "in_update"} if status == "open" else {}
    return ledger(
        subscription(item(price), start="2026-03-15", **waits),
        invoices=[*months(price, *SINCE_MARCH[: bills + 1]), *([proposed(status)] if status else [])],
        now=now,
        **more,
    )


@moments
def test_an_upgrade_that_was_never_paid_never_was(now, status, bills):
    assert rows(told(BASIC, status, upgrade, bills, now).spans) == [("2026-03-15", "…", 100.0)]


@moments
def test_a_downgrade_that_was_never_paid_never_was(now, status, bills):
    def downgrade(status):
        return update(
            line(PRO, "2026-06-20", "2026-07-15", -41667, proration=True, credit=True),
            line(BASIC, "2026-06-20", "2026-07-15", 8333, proration=True),
            status=status,
        )

    assert rows(told(PRO, status, downgrade, bills, now).spans) == [("2026-03-15", "…", 500.0)]


@moments
def test_another_interval_that_was_never_paid_never_was(now, status, bills):
    def yearly(status):
        return update(
            line(BASIC, "2026-06-20", "2026-07-15", -8333, proration=True, credit=True),
            line(YEARLY, "2026-06-20", "2027-06-20"),
            status=status,
        )

    assert rows(told(BASIC, status, yearly, bills, now).spans) == [("2026-03-15", "…", 100.0)]


@moments
def test_more_seats_that_were_never_paid_never_were(now, status, bills):
    def seats(status):
        return update(
            line(SEAT, "2026-06-20", "2026-07-15", -833, proration=True, credit=True),
            line(SEAT, "2026-06-20", "2026-07-15", 4167, 5, proration=True),
            status=status,
        )

    assert rows(told(SEAT, status, seats, bills, now).spans) == [("2026-03-15", "…", 10.0)]


@moments
def test_an_item_that_was_added_and_never_paid_never_was(now, status, bills):
    def added(status):
        return update(
            line(FLEET, "2026-06-20", "2026-07-15", 16667, proration=True, item="si_2"), status=status
        )

    assert rows(told(BASIC, status, added, bills, now).spans) == [("2026-03-15", "…", 100.0)]


@moments
def test_a_pending_change_of_which_events_are_known_changes_nothing(now, status, bills):
    stands = subscription(item(BASIC), start="2026-03-15")
    snapshots = (Snapshot(at("2026-03-15"), stands), Snapshot(at("2026-06-20"), stands))
    found = told(BASIC, status, upgrade, bills, now, snapshots=snapshots if status else snapshots[:1])
    assert rows(found.spans) == [("2026-03-15", "…", 100.0)]


def stood(*later, price=PRO, now="2026-08-10", **more):
    return ledger(
        subscription(item(price), start="2026-03-15", **more),
        invoices=[*months(BASIC, *SINCE_MARCH[:5]), upgrade("void"), *later],
        now=now,
    )


def test_an_upgrade_whose_bill_was_voided_by_hand_stands_as_todays_item_says():
    found = stood(now="2026-07-10")
    assert rows(found.spans) == [("2026-03-15", "2026-06-20", 100.0), ("2026-06-20", "…", 500.0)]


def test_an_upgrade_whose_bill_was_voided_by_hand_stands_as_the_next_bill_says():
    """Although it was taken back since."""
    back = invoice(
        line(PRO, "2026-08-01", "2026-08-15", -22581, proration=True, credit=True),
        line(BASIC, "2026-08-01", "2026-08-15", 4516, proration=True),
        created="2026-08-01",
    )
    found = ledger(
        subscription(item(BASIC), start="2026-03-15"),
        invoices=[
            *months(BASIC, *SINCE_MARCH[:5]), upgrade("void"), *months(PRO, *SINCE_MARCH[4:]), back,
        ],
        now="2026-08-10",
    )  # fmt: skip
    assert rows(found.spans) == [
        ("2026-03-15", "2026-06-20", 100.0),
        ("2026-06-20", "2026-08-01", 500.0),
        ("2026-08-01", "…", 100.0),
    ]


def test_an_upgrade_whose_bill_was_voided_by_hand_stands_as_the_credit_of_the_next_change_says():
    back = invoice(
        line(PRO, "2026-07-01", "2026-07-15", -23333, proration=True, credit=True),
        line(BASIC, "2026-07-01", "2026-07-15", 4667, proration=True),
        created="2026-07-01",
    )
    assert rows(stood(back, price=BASIC, now="2026-07-10").spans) == [
        ("2026-03-15", "2026-06-20", 100.0),
        ("2026-06-20", "2026-07-01", 500.0),
        ("2026-07-01", "…", 100.0),
    ]


def test_an_upgrade_whose_bill_was_voided_by_hand_stood_when_the_subscription_ended_with_it():
    found = stood(now="2026-07-10", status="canceled", ended_at=at("2026-07-01"))
    assert rows(found.spans) == [("2026-03-15", "2026-06-20", 100.0), ("2026-06-20", "2026-07-01", 500.0)]


def test_what_had_been_pending_before_a_change_that_never_was_is_no_less_true():
    void = upgrade("void")
    earlier = (line(FLEET, "2026-06-18", "2026-07-15", 18000, proration=True, item="si_2"),)
    found = ledger(
        subscription(item(BASIC), item(FLEET, id="si_2", created="2026-06-18"), start="2026-03-15"),
        invoices=[*months(BASIC, *SINCE_MARCH[:5]), replace(void, lines=(*earlier, *void.lines))],
        now="2026-07-10",
    )
    assert rows(found.spans) == [("2026-03-15", "…", 100.0), ("2026-06-18", "…", 200.0)]
