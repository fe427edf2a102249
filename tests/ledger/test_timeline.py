"""Lines are statements about state: what each kind of history comes to, day by day and to the cent."""

from msgspec.structs import replace

from eqho.billing.objects import Account, Customer, Phase, PhaseItem, Schedule, Snapshot
from eqho.ledger.build import build_ledger
from eqho.ledger.spans import State
from tests.ledger.stripe_account import (
    BASIC,
    FLEET,
    PRICES,
    PRO,
    SEAT,
    YEARLY,
    Lines,
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

THREE_MONTHS = ("2026-03-15", "2026-04-15", "2026-05-15", "2026-06-15")
SINCE_MARCH = (*THREE_MONTHS, "2026-07-15")


def test_an_unchanged_subscription_is_one_span_however_often_it_was_billed():
    told = ledger(subscription(item(), start="2026-03-15"), invoices=months(BASIC, *SINCE_MARCH))
    assert rows(told.spans) == [("2026-03-15", "…", 100.0)]
    assert column(told.spans, "inferred") == [False]


def test_an_upgrade_counts_from_the_second_of_its_proration_at_the_full_new_price():
    upgrade = invoice(
        line(BASIC, "2026-05-01", "2026-05-15", amount=-4667, proration=True),
        line(PRO, "2026-05-01", "2026-05-15", amount=23333, proration=True),
        created="2026-05-01",
    )
    told = ledger(
        subscription(item(PRO), start="2026-03-15"),
        invoices=[*months(BASIC, *THREE_MONTHS[:3]), upgrade, *months(PRO, "2026-05-15", "2026-06-15")],
    )
    assert rows(told.spans) == [("2026-03-15", "2026-05-01", 100.0), ("2026-05-01", "…", 500.0)]


def test_an_annual_plan_upgraded_in_mid_term_is_not_divided_by_days():
    bigger = replace(YEARLY, id="price_pro", unit_amount=PRO.unit_amount * 12)
    told = ledger(
        subscription(item(PRO)),
        invoices=[
            invoice(line(YEARLY, "2026-01-01", "2027-01-01")),
            invoice(
                line(YEARLY, "2026-04-11", "2027-01-01", amount=-87123, proration=True),
                line(bigger, "2026-04-11", "2027-01-01", amount=435616, proration=True),
                created="2026-04-11",
            ),
        ],
    )
    assert rows(told.spans) == [("2026-01-01", "2026-04-11", 100.0), ("2026-04-11", "…", 500.0)]


def test_a_change_of_this_month_is_dated_by_its_pending_lines():
    pending = (
        replace(line(SEAT, "2026-06-03", "2026-06-15", -1200, 3, True), invoice=None),
        replace(line(SEAT, "2026-06-03", "2026-06-15", 2000, 5, True), invoice=None),
    )
    told = ledger(
        subscription(item(SEAT, 5), start="2026-05-15"),
        invoices=months(SEAT, "2026-05-15", "2026-06-15", quantity=3),
        pending=pending,
        now="2026-06-10",
    )
    assert rows(told.spans) == [("2026-05-15", "2026-06-03", 30.0), ("2026-06-03", "…", 50.0)]
    assert [issue.code for issue in told.issues] == []


def test_an_unpaired_credit_ends_the_item_while_the_subscription_goes_on():
    told = ledger(
        subscription(item(), start="2026-03-15"),
        invoices=[
            *months(BASIC, *SINCE_MARCH),
            *months(FLEET, "2026-03-15", "2026-04-15", item="si_2"),
            invoice(line(FLEET, "2026-04-01", "2026-04-15", -9333, 1, True, "si_2"), created="2026-04-01"),
        ],
    )
    assert rows(told.spans) == [("2026-03-15", "2026-04-01", 200.0), ("2026-03-15", "…", 100.0)]
    assert column(told.spans, "line") == ["towpilot", "fleetdesk"]


def test_an_item_removed_without_credit_served_out_its_period():
    told = ledger(
        subscription(item(), start="2026-03-15"),
        invoices=[*months(BASIC, *SINCE_MARCH), *months(FLEET, "2026-03-15", "2026-04-15", item="si_2")],
    )
    assert ("2026-03-15", "2026-04-15", 200.0) in rows(told.spans)


def test_a_trial_is_a_free_line_of_a_priced_item_and_is_no_mrr():
    trial = {"trial_start": at("2026-03-01"), "trial_end": at("2026-03-15")}
    told = ledger(
        subscription(item(), start="2026-03-01", **trial),
        invoices=[
            invoice(line(BASIC, "2026-03-01", "2026-03-15", amount=0)),
            *months(BASIC, *SINCE_MARCH),
        ],
    )
    assert rows(told.spans) == [("2026-03-15", "…", 100.0)]
    assert (told.subscriptions[0].trial_over, told.subscriptions[0].converted) == (at("2026-03-15"), True)


def test_who_is_still_trialing_has_no_span_yet():
    trial = {"trial_start": at("2026-06-10"), "trial_end": at("2026-06-24")}
    told = ledger(
        subscription(item(), status="trialing", start="2026-06-10", **trial),
        invoices=[invoice(line(BASIC, "2026-06-10", "2026-06-24", amount=0))],
    )
    assert rows(told.spans) == []
    assert told.subscriptions[0].trial_over is None


def test_a_full_coupon_is_free_and_not_a_trial():
    free = coupon(100, start="2026-03-15")
    told = ledger(
        subscription(item(), start="2026-03-15", discounts=(free,)),
        invoices=months(BASIC, *SINCE_MARCH, off=[(free, 10000)]),
    )
    assert rows(told.spans) == [("2026-03-15", "…", 0.0)]
    assert column(told.spans, "list_mrr") == [100_000_000]


def test_the_end_of_a_repeating_coupon_is_an_expansion_for_eqho_and_nothing_for_stripe():
    half = coupon(50, "repeating", "2026-03-15", "2026-05-15")
    told = ledger(
        subscription(item(), start="2026-03-15"),
        invoices=[
            *months(BASIC, "2026-03-15", "2026-04-15", "2026-05-15", off=[(half, 5000)]),
            *months(BASIC, "2026-05-15", "2026-06-15"),
        ],
    )
    assert rows(told.spans) == [("2026-03-15", "2026-05-15", 50.0), ("2026-05-15", "…", 100.0)]
    assert column(told.spans, "net_stripe") == [100_000_000, 100_000_000]


def test_a_coupon_given_between_invoices_counts_from_its_own_start():
    later = coupon(50, start="2026-06-05")
    told = ledger(
        subscription(item(), start="2026-03-15", discounts=(later,)),
        invoices=months(BASIC, *THREE_MONTHS),
        now="2026-06-10",
    )
    assert rows(told.spans) == [("2026-03-15", "2026-06-05", 100.0), ("2026-06-05", "…", 50.0)]


def test_a_once_coupon_is_never_subtracted():
    once = coupon(50, "once", "2026-03-15")
    told = ledger(
        subscription(item(), start="2026-03-15"),
        invoices=[
            *months(BASIC, "2026-03-15", "2026-04-15", off=[(once, 5000)]),
            *months(BASIC, "2026-04-15", "2026-05-15", "2026-06-15"),
        ],
    )
    assert rows(told.spans) == [("2026-03-15", "…", 100.0)]


def test_inclusive_tax_that_was_rounded_does_not_move_mrr():
    taxed = replace(BASIC, unit_amount=BASIC.unit_amount / 3)
    third = line(taxed, "2026-03-15", "2026-04-15", amount=10000, inclusive_tax=1597)
    told = ledger(
        subscription(item(), start="2026-03-15"),
        invoices=[invoice(third), invoice(replace(third, start=at("2026-04-15"), end=at("2026-05-15")))],
        now="2026-05-10",
    )
    assert [round(mrr, 4) for _, _, mrr in rows(told.spans)] == [84.0336]  # 100 / 1.19


def test_a_canceled_subscription_ends_when_it_ended_and_remembers_when_that_was_asked_for():
    told = ledger(
        subscription(
            item(),
            status="canceled",
            start="2026-03-15",
            canceled_at=at("2026-04-20"),
            ended_at=at("2026-05-15"),
        ),
        invoices=months(BASIC, *THREE_MONTHS[:3]),
    )
    assert rows(told.spans) == [("2026-03-15", "2026-05-15", 100.0)]
    assert column(told.spans, "requested") == [at("2026-04-20")]


def test_a_first_invoice_that_was_never_paid_was_never_mrr():
    told = ledger(
        subscription(item(), status="incomplete_expired"),
        invoices=[invoice(line(BASIC, "2026-01-01", "2026-02-01"), status="void")],
    )
    assert rows(told.spans) == []


def test_past_due_is_in_and_flagged_from_the_unpaid_period():
    told = ledger(
        subscription(item(), status="past_due", start="2026-04-15"),
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15"),
            invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="open"),
        ],
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-04-15", "2026-05-15", 100.0), ("2026-05-15", "…", 100.0)]
    assert column(told.spans, "state") == [State.ACTIVE, State.PAST_DUE]


def test_unpaid_is_out_from_the_first_period_nobody_paid_for():
    told = ledger(
        subscription(item(), status="unpaid", start="2026-04-15"),
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15"),
            invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="open"),
        ],
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-04-15", "2026-05-15", 100.0)]


def test_a_pause_that_voids_invoices_is_kept_apart_from_mrr_and_from_churn():
    told = ledger(
        subscription(item(), start="2026-04-15", pause="void"),
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15"),
            invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="void", voided="2026-05-15"),
        ],
        now="2026-06-01",
    )
    assert column(told.spans, "state") == [State.ACTIVE, State.PAUSED]
    assert rows(told.spans)[1] == ("2026-05-15", "…", 100.0)


def test_a_pause_that_keeps_drafts_stays_in():
    told = ledger(
        subscription(item(), start="2026-04-15", pause="keep_as_draft"),
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15"),
            invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="draft"),
        ],
        now="2026-06-01",
    )
    assert {State(s) for s in column(told.spans, "state")} == {State.ACTIVE}


def test_void_and_reissue_counts_once():
    told = ledger(
        subscription(item(), start="2026-05-15"),
        invoices=[
            invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="void"),
            invoice(line(BASIC, "2026-05-15", "2026-06-15"), created="2026-05-17"),
        ],
        now="2026-06-01",
    )
    assert rows(told.spans) == [("2026-05-15", "…", 100.0)]


def test_a_void_invoice_that_nothing_replaced_still_says_the_service_was_given():
    told = ledger(
        subscription(item(), status="canceled", start="2026-05-15", ended_at=at("2026-06-10")),
        invoices=[invoice(line(BASIC, "2026-05-15", "2026-06-15"), status="void")],
    )
    assert rows(told.spans) == [("2026-05-15", "2026-06-10", 100.0)]


def test_coming_back_within_a_day_is_no_churn():
    first = subscription(item(), status="canceled", ended_at=at("2026-03-01"), canceled_at=at("2026-03-01"))
    second = subscription(item(id="si_2", created="2026-03-02"), id="sub_2", start="2026-03-02")
    bills = [
        *months(BASIC, "2026-01-01", "2026-02-01", "2026-03-01"),
        invoice(
            replace(line(BASIC, "2026-03-02", "2026-07-02", item="si_2"), subscription="sub_2"),
            subscription="sub_2",
        ),
    ]
    assert rows(ledger(first, second, invoices=bills).spans) == [
        ("2026-01-01", "2026-03-02", 100.0),
        ("2026-03-02", "…", 100.0),
    ]
    apart = ledger(first, second, invoices=bills, merge_gap_days=0)
    assert rows(apart.spans)[0] == ("2026-01-01", "2026-03-01", 100.0)


def test_a_change_without_proration_is_dated_by_its_event():
    before = subscription(item(BASIC), start="2026-05-15")
    after = replace(before, items=(item(PRO),))
    told = ledger(
        after,
        invoices=months(BASIC, "2026-05-15", "2026-06-15"),
        snapshots=(Snapshot(at("2026-06-01"), after),),
        now="2026-06-10",
    )
    assert rows(told.spans) == [("2026-05-15", "2026-06-01", 100.0), ("2026-06-01", "…", 500.0)]


def test_a_change_without_proration_is_dated_by_its_schedule_phase():
    phases = (
        Phase(at("2026-05-15"), at("2026-06-01"), (PhaseItem(BASIC.id, 1),)),
        Phase(at("2026-06-01"), at("2027-06-01"), (PhaseItem(PRO.id, 1),)),
    )
    told = ledger(
        subscription(item(PRO), start="2026-05-15"),
        invoices=months(BASIC, "2026-05-15", "2026-06-15"),
        schedules={"s": Schedule("s", "sub_1", phases, "active")},
        now="2026-06-10",
    )
    assert rows(told.spans) == [("2026-05-15", "2026-06-01", 100.0), ("2026-06-01", "…", 500.0)]


def test_a_change_that_nothing_dates_is_dated_today_and_named():
    told = ledger(
        subscription(item(PRO), start="2026-05-15"),
        invoices=months(BASIC, "2026-05-15", "2026-06-15"),
        now="2026-06-10",
    )
    assert rows(told.spans) == [("2026-05-15", "2026-06-10", 100.0), ("2026-06-10", "…", 500.0)]
    assert [(i.code, i.subjects) for i in told.issues] == [("undated", ("si_1",))]


def test_without_any_invoice_todays_state_reaches_back_to_the_start():
    told = ledger(subscription(item(), start="2026-02-03"))
    assert rows(told.spans) == [("2026-02-03", "…", 100.0)]


def test_internal_customers_are_left_out_and_counted():
    account = Account(
        customers={"cus_1": Customer("cus_1", 0, email="me@internal.example")},
        products={},
        prices=PRICES,
        subscriptions={"sub_1": subscription(item())},
        invoices=(),
    )
    told = build_ledger(account, Lines(), at("2026-06-15"))
    assert len(told.spans) == 0
    assert [(i.code, i.subjects) for i in told.issues] == [("excluded", ("cus_1",))]
