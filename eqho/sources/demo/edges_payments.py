"""Customers whose trials, coupons, payments and cancellations are out of the ordinary."""

from eqho.sources.demo.stories import Story, Teller, life
from eqho.stripe_simulator.calendar import DAY, HOUR, next_date, shift


def partner(tell: Teller) -> Story:
    """Half price for ever, and a one-time coupon on top of the first invoice."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[3], 1)], coupons=["PARTNER50", "WELCOME"])
    yield from life(tell, sub)


def launch(tell: Teller) -> Story:
    """A quarter off for six months: its end is expansion."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)], coupons=["LAUNCH25"])
    yield tell.after(210)
    yield from life(tell, sub)


def free_quarter(tell: Teller) -> Story:
    """Nothing to pay for three months, and that is not a trial."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[1], 1)], coupons=["PILOT100"])
    yield tell.after(130)
    yield from life(tell, sub)


def sponsored(tell: Teller) -> Story:
    """Free for good: a customer with no MRR, until the sponsor leaves."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[0], 1)])
    discount = tell.sim.apply_discount(sub, "SPONSORED")
    yield tell.after(230.5)
    tell.sim.remove_discount(sub, discount)
    yield from life(tell, sub)


def amounts_off(tell: Teller) -> Story:
    """A fixed amount off the invoice, a percentage off one item only, a sub-cent result."""
    items: list[tuple[str, int | None]] = [(tell.offers.tow[1], 1), (tell.offers.tow_seat, 7)]
    sub = tell.sim.subscribe(tell.customer, items, coupons=["LOYAL75", "SEATS10"], billing_mode="flexible")
    yield tell.after(61)
    tell.sim.change_quantity(sub, 9, item=tell.sim.items_of(sub)[1])
    yield tell.after(45)
    tell.sim.apply_discount(sub, "NONPROFIT15", item=tell.sim.items_of(sub)[0])
    yield from life(tell, sub)


def customer_coupon(tell: Teller) -> Story:
    """A discount on the customer, for a year, from a coupon that has been deleted since."""
    tell.sim.discount_customer(tell.customer, "FAIR2024")
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[3], 1)])
    yield tell.after(370)
    yield from life(tell, sub)


def pauses(tell: Teller) -> Story:
    """Three pauses: voided, written off, kept as drafts."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)])
    yield tell.after(65)
    tell.sim.pause(sub, "void", resumes_at=shift(tell.sim.now, "month", 2))
    yield tell.after(110)
    tell.sim.pause(sub, "mark_uncollectible")
    yield tell.after(45)
    tell.sim.resume(sub)
    yield tell.after(70)
    tell.sim.pause(sub, "keep_as_draft")
    yield tell.after(40)
    tell.sim.resume(sub)
    yield from seasons(tell, sub, closes=(11, 5), opens=(4, 5))


def closed_in_summer(tell: Teller) -> Story:
    """A snow-belt yard in reverse: nothing to do from April to November."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.road[1], 3)])
    yield tell.after(40)
    yield from seasons(tell, sub, closes=(4, 5), opens=(11, 5))


def seasons(tell: Teller, sub: str, closes: tuple[int, int], opens: tuple[int, int]) -> Story:
    """Paused every year from one (month, day) to the other."""
    while tell.sim.alive(sub):
        yield next_date(tell.sim.now, *closes)
        tell.sim.pause(sub, "void", resumes_at=next_date(tell.sim.now, *opens))
        yield tell.after(200)


def comes_back_at_once(tell: Teller) -> Story:
    """Canceled and taken up again the same day, on the larger plan: a change, not churn."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[1], 1)])
    yield tell.after(88)
    tell.sim.cancel(sub, prorate=True)
    yield tell.sim.now + 9 * HOUR
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)])
    yield from life(tell, sub)


def comes_back_later(tell: Teller) -> Story:
    """Gone for four months, then back."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)])
    yield tell.after(100)
    tell.sim.cancel_at_period_end(sub)
    yield tell.after(150)
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[1], 1)])
    yield from life(tell, sub)


def changes_its_mind(tell: Teller) -> Story:
    """Schedules the cancellation of a year and takes it back; later it stays scheduled for months."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow_yearly[1], 1)])
    yield tell.after(100)
    tell.sim.cancel_at_period_end(sub)
    yield tell.after(9)
    tell.sim.uncancel(sub)
    yield tell.after(420)
    tell.sim.cancel_at_period_end(sub)


def backdated(tell: Teller) -> Story:
    """Service began ten weeks before the subscription was made."""
    yield tell.after(75)
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)], backdate=tell.after(-70))
    yield from life(tell, sub)


def by_invoice(tell: Teller) -> Story:
    """Pays sent invoices weeks later; one of them is voided and reissued, one overdue, one credited."""
    sub = tell.sim.subscribe(
        tell.customer, [(tell.offers.tow[3], 1)], collection="send_invoice", pays_after=24 * DAY
    )
    yield tell.sim.period_end(sub) + 5 * DAY
    tell.sim.reissue(tell.sim.latest_invoice(sub))
    yield tell.sim.period_end(sub) + 6 * DAY
    tell.sim.credit(tell.sim.latest_invoice(sub), 15_000)
    yield tell.sim.period_end(sub) + 2 * DAY
    tell.sim.fail_next_payment(sub, "recover", after=12 * DAY)
    yield tell.after(100)
    yield from life(tell, sub)


def credits_and_refunds(tell: Teller) -> Story:
    """A setup fee, a refund, a credit after payment, a dispute, and a manual invoice."""
    tell.sim.charge_once(tell.customer, 50_000, "Onboarding", price=tell.offers.setup)
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)])
    yield tell.after(20)
    tell.sim.credit(tell.sim.latest_invoice(sub), 12_500)
    yield tell.after(30)
    tell.sim.refund(tell.sim.latest_invoice(sub), 4_000)
    yield tell.after(30)
    tell.sim.charge_once(tell.customer, 18_000, "On-site training")
    tell.sim.bill_now(tell.customer)
    tell.sim.dispute(tell.sim.latest_invoice(sub))
    yield from life(tell, sub)


def never_paid(tell: Teller) -> Story:
    """The first payment fails and the subscription expires; the second try works."""
    tell.sim.subscribe(tell.customer, [(tell.offers.tow[1], 1)], first_payment_fails=True)
    yield tell.after(2)
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[1], 1)])
    yield from life(tell, sub)


def bad_card(tell: Teller) -> Story:
    """Recovers once, is written off once, goes unpaid once, and in the end is canceled."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)])
    yield tell.after(35)
    tell.sim.fail_next_payment(sub, "recover", after=9 * DAY)
    yield tell.after(60)
    tell.sim.fail_next_payment(sub, "uncollectible", after=20 * DAY)
    yield tell.after(75)
    tell.sim.fail_next_payment(sub, "unpaid", after=16 * DAY)
    yield tell.after(75)
    if tell.sim.status(sub) == "unpaid":
        tell.sim.pay_arrears(sub)
    yield tell.after(60)
    tell.sim.fail_next_payment(sub, "cancel", after=21 * DAY)


def deleted(tell: Teller) -> Story:
    """Asks for its data to be deleted."""
    tell.sim.subscribe(tell.customer, [(tell.offers.road[1], 2)])
    yield tell.after(140)
    tell.sim.delete_customer(tell.customer)


def two_subscriptions(tell: Teller) -> Story:
    """Gives one of two subscriptions up: contraction, not churn."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)])
    yield tell.after(40)
    second = tell.sim.subscribe(tell.customer, [(tell.offers.road[0], 2)])
    yield tell.after(80)
    tell.sim.cancel_at_period_end(second)
    yield from life(tell, sub)


def slow_trial(tell: Teller) -> Story:
    """A trial that ends without a card: paused, and taken up again weeks later."""
    sub = tell.sim.subscribe(
        tell.customer, [(tell.offers.tow[1], 1)], trial_days=14, trial_end_behavior="pause"
    )
    yield tell.after(37)
    tell.sim.resume(sub)
    yield from life(tell, sub)


def balance(tell: Teller) -> Story:
    """From a paid year down to months: the credit becomes balance and pays the next invoices."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow_yearly[3], 1)])
    yield tell.after(90)
    tell.sim.change_price(sub, tell.offers.tow[1])
    yield tell.after(30)
    yield from life(tell, sub)
