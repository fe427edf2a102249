"""What weak and contradictory evidence comes to: events, drafts, void bills, pauses, tax."""

from decimal import Decimal

from msgspec.structs import replace

from eqho.billing.objects import Phase, PhaseItem, Price, Schedule, Snapshot
from eqho.ledger.spans import State
from tests.ledger.stripe_account import (
    BASIC,
    FLEET,
    PRO,
    SEAT,
    YEARLY,
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


def credit(price: Price, start: str, end: str, amount: int, **more):
    return line(price, start, end, amount, proration=True, credit=True, **more)


def test_of_several_changes_in_one_second_the_last_counts():
    there_and_back = invoice(
        credit(SEAT, "2026-05-20", "2026-06-15", -900),
        line(SEAT, "2026-05-20", "2026-06-15", 1800, 2, proration=True),
        credit(SEAT, "2026-05-20", "2026-06-15", -1800, quantity=2),
        line(SEAT, "2026-05-20", "2026-06-15", 900, 1, proration=True),
        created="2026-05-20",
    )
    told = ledger(
        subscription(item(SEAT), start="2026-05-15"),
        invoices=[*months(SEAT, "2026-05-15", "2026-06-15"), there_and_back],
        now="2026-06-10",
    )
    assert rows(told.spans) == [("2026-05-15", "…", 10.0)]


def test_a_credit_of_nothing_ends_the_item_like_any_other():
    free = coupon(100, start="2026-05-15")
    told = ledger(
        subscription(item(id="si_2"), start="2026-05-15", discounts=(free,)),
        invoices=[
            invoice(
                line(BASIC, "2026-05-15", "2026-06-15", off=[(free, 10000)]),
                line(FLEET, "2026-05-15", "2026-06-15", item="si_2", off=[(free, 20000)]),
            ),
            invoice(credit(BASIC, "2026-05-25", "2026-06-15", 0), created="2026-05-25"),
        ],
        now="2026-06-10",
    )
    spans = told.spans.where(told.spans.item == told.spans.code("item", "si_1"))
    assert rows(spans) == [("2026-05-15", "2026-05-25", 0.0)]


def test_a_new_cycle_without_an_item_ends_it():
    told = ledger(
        subscription(item(YEARLY), start="2026-03-15"),
        invoices=[
            invoice(
                line(BASIC, "2026-03-15", "2026-04-15"), line(SEAT, "2026-03-15", "2026-04-15", item="si_2")
            ),
            invoice(line(YEARLY, "2026-04-01", "2027-04-01")),
        ],
    )
    seats = told.spans.where(told.spans.item == told.spans.code("item", "si_2"))
    assert rows(seats) == [("2026-03-15", "2026-04-01", 10.0)]


def test_a_change_that_waits_on_a_draft_is_dated_and_the_drafts_new_period_is_not_believed():
    draft = invoice(
        line(PRO, "2026-06-01", "2026-06-15", 23333, proration=True),
        line(SEAT, "2026-06-15", "2026-07-15", quantity=7),
        status="draft",
        created="2026-06-15",
    )
    told = ledger(
        subscription(item(PRO, period=("2026-06-15", "2026-07-15")), start="2026-05-15"),
        invoices=[*months(BASIC, "2026-05-15", "2026-06-15"), draft],
        now="2026-06-15",
    )
    assert rows(told.spans) == [("2026-05-15", "2026-06-01", 100.0), ("2026-06-01", "…", 500.0)]


def test_what_a_void_bill_says_of_a_change_is_true():
    void = invoice(
        credit(BASIC, "2026-06-01", "2026-06-15", -4667),
        line(PRO, "2026-06-01", "2026-06-15", 23333, proration=True),
        status="void",
        created="2026-06-01",
        voided="2026-06-05",
    )
    told = ledger(
        subscription(item(PRO), start="2026-05-15"),
        invoices=[*months(BASIC, "2026-05-15", "2026-06-15"), void],
        now="2026-06-10",
    )
    assert rows(told.spans) == [("2026-05-15", "2026-06-01", 100.0), ("2026-06-01", "…", 500.0)]


def test_what_is_given_for_a_time_at_a_price_without_an_amount_stops_no_build():
    custom = replace(FLEET, id="price_custom", unit_amount=None)
    free = {"trial_start": at("2026-03-01"), "trial_end": at("2026-04-01")}
    bills = [
        invoice(line(custom, *months, amount=amount))
        for *months, amount in (
            ("2026-01-01", "2026-02-01", 20_000),
            ("2026-02-01", "2026-03-01", 20_000),
            ("2026-03-01", "2026-04-01", 0),
            ("2026-04-01", "2026-05-01", 20_000),
        )
    ]
    account = {"invoices": bills, "prices": [custom], "now": "2026-04-15"}
    told = ledger(subscription(item(BASIC, id="si_2"), **free), **account)
    of_custom = told.spans.where(told.spans.item == told.spans.code("item", "si_1"))
    assert rows(of_custom)[0] == ("2026-01-01", "2026-03-01", 200.0)


def test_a_price_without_an_amount_is_worth_what_a_whole_period_was_billed():
    custom = replace(FLEET, id="price_custom", unit_amount=None)
    account = ledger(
        subscription(item(), start="2026-05-15"),
        invoices=[
            *months(BASIC, "2026-05-15", "2026-06-15", "2026-07-15"),
            invoice(line(custom, "2026-05-25", "2026-06-15", 7000, proration=True, item="si_2")),
            invoice(line(custom, "2026-06-15", "2026-07-15", 9000, item="si_2")),
        ],
        prices=(custom,),
        now="2026-07-01",
    )
    spans = account.spans.where(account.spans.item == account.spans.code("item", "si_2"))
    assert rows(spans) == [("2026-06-15", "2026-07-01", 90.0)]


# Pauses


def test_a_fee_on_the_bill_does_not_date_a_pause():
    fee = replace(line(BASIC, "2026-04-20", "2026-04-20", 5000), item=None, price=None)
    told = ledger(
        subscription(item(), start="2026-04-15", pause="void"),
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15"),
            invoice(
                fee,
                line(BASIC, "2026-05-15", "2026-06-15"),
                status="void",
                created="2026-05-15",
                voided="2026-05-15",
            ),
        ],
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-04-15", "2026-05-15", 100.0), ("2026-05-15", "…", 100.0)]
    assert column(told.spans, "state") == [State.ACTIVE, State.PAUSED]


def test_usage_in_arrears_does_not_date_a_pause():
    calls = replace(BASIC, id="price_calls", metered=True)
    told = ledger(
        subscription(item(), item(calls, None, id="si_2"), start="2026-04-15", pause="void"),
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15"),
            invoice(
                line(calls, "2026-04-15", "2026-05-15", 4000, item="si_2"),
                line(BASIC, "2026-05-15", "2026-06-15"),
                status="void",
                created="2026-05-15",
                voided="2026-05-15",
            ),
        ],
        prices=(calls,),
        now="2026-06-01",
    )
    assert column(told.spans, "state") == [State.ACTIVE, State.PAUSED]
    assert rows(told.spans) == [("2026-04-15", "2026-05-15", 100.0), ("2026-05-15", "…", 100.0)]


def test_a_bill_of_nothing_left_standing_does_not_end_a_pause_that_writes_bills_off():
    written_off = replace(
        invoice(line(BASIC, "2026-04-15", "2026-05-15"), status="uncollectible"),
        uncollectible_at=at("2026-04-15"),
    )
    nothing_due = replace(invoice(line(BASIC, "2026-05-15", "2026-06-15")), amount_due=0)
    told = ledger(
        subscription(item(), start="2026-03-15", pause="mark_uncollectible"),
        invoices=[*months(BASIC, "2026-03-15", "2026-04-15"), written_off, nothing_due],
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-03-15", "2026-04-15", 100.0), ("2026-04-15", "…", 100.0)]
    assert column(told.spans, "state") == [State.ACTIVE, State.PAUSED]


def test_who_is_late_after_a_pause_was_not_late_during_it():
    written_off = replace(
        invoice(line(BASIC, "2026-04-15", "2026-05-15"), status="uncollectible"),
        uncollectible_at=at("2026-04-15"),
    )
    told = ledger(
        subscription(item(), status="past_due", start="2026-03-15"),
        invoices=[
            *months(BASIC, "2026-03-15", "2026-04-15"),
            written_off,
            invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="open"),
        ],
        now="2026-06-01",
    )
    assert column(told.spans, "state") == [State.ACTIVE, State.PAUSED, State.PAST_DUE]


# Events


def test_at_one_instant_an_event_says_how_it_ended():
    """Billed for a new period, and taken away in the same second."""
    both = subscription(item(), item(FLEET, id="si_2"), start="2026-04-15")
    rest = replace(both, items=(item(),))
    told = ledger(
        rest,
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15", "2026-06-15"),
            *months(FLEET, "2026-04-15", "2026-05-15", "2026-06-15", item="si_2"),
        ],
        snapshots=(
            Snapshot(at("2026-04-15"), both),
            Snapshot(at("2026-05-15"), both),
            Snapshot(at("2026-05-15"), rest),
        ),
        now="2026-06-01",
    )
    fleet = told.spans.where(told.spans.item == told.spans.code("item", "si_2"))
    assert rows(fleet) == [("2026-04-15", "2026-05-15", 200.0)]


def test_a_trial_that_ends_without_a_card_is_out_until_it_is_taken_up():
    trial = {"trial_start": at("2026-04-01"), "trial_end": at("2026-04-15"), "start": "2026-04-01"}
    states = ("trialing", "paused", "active")
    days = ("2026-04-01", "2026-04-15", "2026-05-10")
    snapshots = [
        Snapshot(at(day), subscription(item(), status=status, **trial))
        for day, status in zip(days, states, strict=True)
    ]
    told = ledger(
        subscription(item(), **trial),
        invoices=[
            invoice(line(BASIC, "2026-04-01", "2026-04-15", amount=0)),
            *months(BASIC, "2026-05-10", "2026-06-10"),
        ],
        snapshots=tuple(snapshots),
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-05-10", "…", 100.0)]


def test_a_phase_must_name_every_item_to_date_a_change():
    def phase(start: str, end: str, *prices: Price) -> Phase:
        return Phase(at(start), at(end), tuple(PhaseItem(price.id, 1) for price in prices))

    phases = (
        phase("2026-05-15", "2026-05-20", PRO, FLEET),
        phase("2026-05-20", "2026-06-01", BASIC, FLEET),
        phase("2026-06-01", "2027-06-01", PRO, SEAT),
    )
    told = ledger(
        subscription(item(PRO), item(SEAT, id="si_2"), start="2026-05-15"),
        invoices=[
            invoice(
                line(BASIC, "2026-05-15", "2026-06-15"), line(SEAT, "2026-05-15", "2026-06-15", item="si_2")
            )
        ],
        schedules={"s": Schedule("s", "sub_1", phases, "active")},
        now="2026-06-10",
    )
    first = told.spans.where(told.spans.item == told.spans.code("item", "si_1"))
    assert rows(first) == [("2026-05-15", "2026-06-01", 100.0), ("2026-06-01", "…", 500.0)]


def test_what_stands_on_a_canceled_subscription_stood_at_its_end():
    late = coupon(50, start="2026-05-20")
    told = ledger(
        subscription(
            item(), status="canceled", start="2026-05-15", ended_at=at("2026-06-01"), discounts=(late,)
        ),
        invoices=months(BASIC, "2026-05-15", "2026-06-15"),
    )
    assert rows(told.spans) == [("2026-05-15", "2026-05-20", 100.0), ("2026-05-20", "2026-06-01", 50.0)]


def test_a_small_lines_rounded_tax_is_read_with_the_rate_of_the_large_one():
    """9 of 55 cents could be 19 % as well as 20 %; 1,597 of 10,000 is 19 %."""
    small = line(BASIC, "2026-03-15", "2026-03-16", 55, proration=True, inclusive_tax=9)
    told = ledger(
        subscription(item(), start="2026-03-15"),
        invoices=[
            invoice(small),
            invoice(line(BASIC, "2026-03-16", "2026-04-16", 10000, inclusive_tax=1597)),
        ],
        now="2026-04-01",
    )
    assert [mrr for _, _, mrr in rows(told.spans)] == [84.033613]


def test_a_pending_line_has_the_tax_of_its_item():
    pending = replace(line(PRO, "2026-05-20", "2026-06-15", 41000, proration=True), invoice=None)
    taxed = item(PRO, inclusive_tax_percent=Decimal(25))
    told = ledger(
        subscription(taxed, start="2026-05-15"),
        invoices=[invoice(line(BASIC, "2026-05-15", "2026-06-15", inclusive_tax=2000))],
        pending=(pending,),
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-05-15", "2026-05-20", 80.0), ("2026-05-20", "…", 400.0)]


def test_a_canceled_subscription_that_was_never_billed_served_from_its_start():
    told = ledger(subscription(item(), status="canceled", start="2026-02-03", ended_at=at("2026-03-01")))
    assert rows(told.spans) == [("2026-02-03", "2026-03-01", 100.0)]


def test_an_item_added_without_a_bill_counts_from_the_day_it_was_made():
    told = ledger(
        subscription(item(), item(FLEET, id="si_2", created="2026-05-20"), start="2026-05-15"),
        invoices=months(BASIC, "2026-05-15", "2026-06-15"),
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-05-15", "…", 100.0), ("2026-05-20", "…", 200.0)]


# One price in several currencies


def test_a_line_counts_in_its_own_currency_at_the_amount_of_that_currency():
    euros = replace(BASIC, currency="eur", unit_amount=Decimal(9000))
    both = replace(BASIC, options={"eur": euros})
    bills = [
        replace(bill, currency="eur", lines=tuple(replace(each, currency="eur") for each in bill.lines))
        for bill in months(euros, "2026-04-15", "2026-05-15", "2026-06-15")
    ]
    told = ledger(
        replace(subscription(item(euros), start="2026-04-15"), currency="eur"),
        invoices=bills,
        prices=(both,),
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-04-15", "…", 90.0)]
    assert column(told.spans, "currency") == ["eur"]


def test_a_line_in_a_currency_of_which_the_price_is_not_known_is_worth_what_was_billed():
    paid = months(replace(BASIC, unit_amount=Decimal(9000)), "2026-04-15", "2026-05-15")
    bills = [
        replace(bill, lines=tuple(replace(each, currency="eur") for each in bill.lines)) for bill in paid
    ]
    told = ledger(
        subscription(item(), status="canceled", start="2026-04-15", ended_at=at("2026-05-15")),
        invoices=bills,
        now="2026-06-01",
    )
    assert ("2026-04-15", "2026-05-15", 90.0) in rows(told.spans)
    assert column(told.spans, "currency")[0] == "eur"
