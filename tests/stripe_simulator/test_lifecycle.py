"""What becomes of subscriptions: trials, failed payments, pauses, cancellations, schedules, deletions."""

import pytest

from eqho.stripe_simulator.calendar import DAY, HOUR, instant, shift
from eqho.stripe_simulator.engine import SimulationError
from tests.stripe_simulator.simulated import amounts, customer, invoices, monthly, mrr, starting, subscription


def _event_types(sim, object_id: str) -> list[str]:  # type: ignore[no-untyped-def]
    """Oldest first, of one object."""
    events = [e for e in sim.account.every("event") if e["data"]["object"]["id"] == object_id]
    return [event["type"] for event in reversed(events)]


def test_a_trial_costs_nothing_and_then_renews() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)], trial_days=14)
    assert subscription(sim, sub)["status"] == "trialing"
    assert mrr(sim, "2026-04-10") == 0
    sim.advance(instant("2026-05-16"))
    assert [amounts(bill) for bill in invoices(sim)] == [[0], [44_900], [44_900]]
    assert subscription(sim, sub)["billing_cycle_anchor"] == instant("2026-04-15")
    assert (mrr(sim, "2026-04-14"), mrr(sim, "2026-04-15")) == (0, 449)


def test_a_trial_canceled_in_time_was_never_mrr() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)], trial_days=14)
    sim.advance(instant("2026-04-05"))
    sim.cancel_at_period_end(sub)
    sim.advance(instant("2026-06-01"))
    assert subscription(sim, sub)["ended_at"] == instant("2026-04-15")
    assert sim.truth.facts() == []


def test_a_trial_without_a_card_pauses_until_it_is_taken_up() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)], trial_days=14, trial_end_behavior="pause")
    sim.advance(instant("2026-04-20"))
    assert subscription(sim, sub)["status"] == "paused"
    sim.resume(sub)
    assert subscription(sim, sub)["status"] == "active"
    assert (mrr(sim, "2026-04-19"), mrr(sim, "2026-04-20")) == (0, 449)


def test_a_first_payment_that_fails_expires_after_23_hours() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)], first_payment_fails=True)
    assert subscription(sim, sub)["status"] == "incomplete"
    sim.advance(instant("2026-04-01T23:00:00"))
    assert subscription(sim, sub)["status"] == "incomplete_expired"
    assert invoices(sim)[0]["status"] == "void"
    assert sim.truth.facts() == []


@pytest.mark.parametrize(
    ("resolution", "status", "invoice_status", "mrr_after"),
    [
        ("recover", "active", "paid", 449),
        ("uncollectible", "active", "uncollectible", 449),
        ("unpaid", "unpaid", "open", 0),
        ("cancel", "canceled", "open", 0),
    ],
)
def test_a_failed_renewal_is_past_due_until_it_is_resolved(
    resolution: str, status: str, invoice_status: str, mrr_after: int
) -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.fail_next_payment(sub, resolution, after=9 * DAY)  # type: ignore[arg-type]
    sim.advance(instant("2026-05-08"))
    assert subscription(sim, sub)["status"] == "past_due"
    assert (invoices(sim)[-1]["status"], invoices(sim)[-1]["attempt_count"]) == ("open", 2)
    [at_risk] = sim.truth.at(instant("2026-05-08"))
    assert (at_risk.state, at_risk.start) == ("past_due", instant("2026-05-01T01:00:00"))
    sim.advance(instant("2026-05-11"))
    assert subscription(sim, sub)["status"] == status
    assert invoices(sim)[-1]["status"] == invoice_status
    assert mrr(sim, "2026-05-11") == mrr_after


def test_an_unpaid_subscription_bills_drafts_until_its_arrears_are_paid() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.fail_next_payment(sub, "unpaid", after=9 * DAY)
    sim.advance(instant("2026-06-05"))
    assert [bill["status"] for bill in invoices(sim)] == ["paid", "open", "draft"]
    sim.pay_arrears(sub)
    assert [bill["status"] for bill in invoices(sim)] == ["paid", "paid", "paid"]
    assert subscription(sim, sub)["status"] == "active"


@pytest.mark.parametrize(
    ("behavior", "while_paused", "afterwards", "paused_mrr"),
    [
        ("void", "void", "void", 0),
        ("mark_uncollectible", "uncollectible", "uncollectible", 0),
        ("keep_as_draft", "draft", "paid", 449),
    ],
)
def test_a_paused_collection(behavior: str, while_paused: str, afterwards: str, paused_mrr: int) -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-04-20"))
    sim.pause(sub, behavior, resumes_at=instant("2026-05-10"))  # type: ignore[arg-type]
    sim.advance(instant("2026-05-05"))
    assert invoices(sim)[-1]["status"] == while_paused
    assert subscription(sim, sub)["pause_collection"] == {
        "behavior": behavior,
        "resumes_at": instant("2026-05-10"),
    }
    assert mrr(sim, "2026-05-05") == paused_mrr
    sim.advance(instant("2026-06-02"))
    assert [bill["status"] for bill in invoices(sim)[1:]] == [afterwards, "paid"]
    assert subscription(sim, sub)["pause_collection"] is None
    assert mrr(sim, "2026-05-10") == 449


def test_a_cancellation_at_period_end_leaves_then_and_can_be_taken_back() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-04-10"))
    sim.cancel_at_period_end(sub)
    sim.advance(instant("2026-04-11"))
    sim.uncancel(sub)
    sim.advance(instant("2026-05-10"))
    sim.cancel_at_period_end(sub)
    assert subscription(sim, sub)["cancel_at"] == instant("2026-06-01")
    sim.advance(instant("2026-07-01"))
    ended = subscription(sim, sub)
    assert (ended["status"], ended["canceled_at"], ended["ended_at"]) == (
        "canceled",
        instant("2026-05-10"),
        instant("2026-06-01"),
    )
    assert len(invoices(sim)) == 2
    with pytest.raises(SimulationError, match="is canceled: nothing can be changed any more"):
        sim.uncancel(sub)


def test_canceling_at_once_with_proration_leaves_a_pending_credit() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 60_000), 1)])
    sim.advance(instant("2026-04-21"))
    sim.cancel(sub, prorate=True)
    [credit] = sim.account.list("invoiceitem", pending=True)["data"]
    assert (credit["amount"], credit["period"]["start"]) == (-20_000, instant("2026-04-21"))


def test_a_sent_invoice_is_open_until_it_is_paid_and_can_be_reissued() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 90_000), 1)], collection="send_invoice", pays_after=20 * DAY)
    sim.advance(instant("2026-04-05"))
    [first] = invoices(sim)
    assert (first["status"], first["due_date"]) == ("open", instant("2026-05-01T01:00:00"))
    sim.reissue(first["id"])
    old, new = invoices(sim)
    assert (old["status"], old["latest_revision"]) == ("void", new["id"])
    assert new["from_invoice"] == {"action": "revision", "invoice": old["id"]}
    assert new["lines"]["data"][0]["period"] == old["lines"]["data"][0]["period"]
    assert subscription(sim, sub)["latest_invoice"] == new["id"]
    sim.advance(instant("2026-04-26"))
    assert [bill["status"] for bill in invoices(sim)] == ["void", "paid"]


def test_credit_notes_lower_what_is_due_or_refund_what_was_paid() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 90_000), 1)], collection="send_invoice")
    sim.advance(instant("2026-04-02"))
    sim.credit(sim.latest_invoice(sub), 15_000)
    assert invoices(sim)[0]["amount_remaining"] == 75_000
    sim.advance(instant("2026-04-20"))
    sim.credit(sim.latest_invoice(sub), 5_000)
    after, before = sim.account.list("credit_note")["data"]
    assert (before["type"], before["refunds"]) == ("pre_payment", [])
    assert (after["type"], after["number"][-5:]) == ("post_payment", "CN-02")
    [refund] = sim.account.list("refund")["data"]
    assert (refund["amount"], after["refunds"][0]["refund"]) == (5_000, refund["id"])
    assert mrr(sim, "2026-04-20") == 900


def test_one_time_charges_go_onto_the_next_invoice_or_a_manual_one() -> None:
    sim, who = starting("2026-04-01")
    setup = monthly(sim, 50_000, "Onboarding", interval=None)
    sim.charge_once(who, 50_000, "Onboarding", price=setup)
    sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.charge_once(who, 18_000, "Training")
    sim.bill_now(who)
    first, manual = invoices(sim)
    assert (amounts(first), amounts(manual), manual["parent"]) == ([50_000, 44_900], [18_000], None)
    assert first["lines"]["data"][0]["parent"]["type"] == "invoice_item_details"
    assert mrr(sim, "2026-04-01") == 449


def test_scheduled_phases_change_the_terms_at_their_start() -> None:
    sim, who = starting("2026-01-31")
    small, large = monthly(sim, 32_900), monthly(sim, 64_900)
    sub = sim.subscribe(who, [(small, 1)])
    start = instant("2026-01-31")
    schedule = sim.schedule_phases(sub, [(shift(start, "month", 2), [(large, 2)])], shift(start, "month", 4))
    sim.advance(instant("2026-04-01"))
    found = sim.account.retrieve("subscription_schedule", schedule)
    assert found is not None
    assert (found["status"], found["current_phase"]["start_date"]) == ("active", instant("2026-03-31"))
    assert [phase["items"][0]["price"] for phase in found["phases"]] == [small, large]
    sim.advance(instant("2026-06-01"))
    assert [bill["total"] for bill in invoices(sim)] == [32_900, 32_900, 129_800, 129_800, 129_800]
    released = sim.account.retrieve("subscription_schedule", schedule)
    assert released is not None
    assert (released["status"], released["released_subscription"]) == ("released", sub)


def test_a_schedule_can_start_a_subscription_and_end_it() -> None:
    sim, who = starting("2026-04-01")
    price = monthly(sim, 32_900)
    schedule = sim.schedule_start(who, instant("2026-04-10"), [(price, 1)], instant("2026-06-10"))
    assert sim.subscription_of(schedule) is None
    sim.advance(instant("2026-06-11"))
    sub = sim.subscription_of(schedule)
    assert sub is not None
    sim.schedule_phases(
        sub, [(instant("2026-07-10"), [(price, 2)])], instant("2026-08-10"), end_behavior="cancel"
    )
    sim.advance(instant("2026-09-01"))
    assert subscription(sim, sub)["ended_at"] == instant("2026-08-10")


def test_a_deleted_customer_leaves_its_subscriptions_and_invoices_behind() -> None:
    sim, who = starting("2026-04-01")
    other = customer(sim)
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-04-20"))
    sim.delete_customer(who)
    assert [c["id"] for c in sim.account.list("customer")["data"]] == [other]
    assert sim.account.retrieve("customer", who) == {"id": who, "object": "customer", "deleted": True}
    assert subscription(sim, sub)["status"] == "canceled"
    assert len(invoices(sim)) == 1


def test_every_change_is_an_event_with_what_it_was_before() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-04-10"))
    sim.change_quantity(sub, 3)
    sim.cancel(sub)
    assert _event_types(sim, sub) == [
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
    ]
    assert _event_types(sim, invoices(sim)[0]["id"]) == [
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
    ]
    [updated] = sim.account.list("event", type="customer.subscription.updated")["data"]
    assert updated["created"] == instant("2026-04-10")
    assert updated["data"]["object"]["items"]["data"][0]["quantity"] == 3
    assert updated["data"]["previous_attributes"]["items"]["data"][0]["quantity"] == 1
    assert set(updated["data"]["previous_attributes"]) == {"items"}


def test_a_draft_is_not_collected_once_its_subscription_has_ended() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-05-01") + HOUR // 2)
    sim.cancel(sub)
    sim.advance(instant("2026-06-01"))
    assert [bill["status"] for bill in invoices(sim)] == ["paid", "draft"]
