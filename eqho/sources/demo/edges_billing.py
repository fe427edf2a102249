"""Customers whose prices, quantities and items make the ledger work for its living."""

from itertools import pairwise

from eqho.sources.demo.stories import Story, Teller, life
from eqho.stripe_simulator.calendar import DAY, HOUR, next_31st, shift


def annual_upgrade(tell: Teller) -> Story:
    """A year's plan, upgraded in mid-term: credit and charge to the second."""
    yearly = tell.offers.tow_yearly
    sub = tell.sim.subscribe(tell.customer, [(yearly[1], 1)])
    yield tell.after(143.3)
    tell.sim.change_price(sub, yearly[2])
    yield tell.after(60)
    yield from life(tell, sub)


def seats(tell: Teller) -> Story:
    """Seats come and go inside the month, sometimes several times in one."""
    offers = tell.offers
    sub = tell.sim.subscribe(
        tell.customer, [(offers.tow[1], 1), (offers.tow_seat, 6)], billing_mode="flexible"
    )
    seat = tell.sim.items_of(sub)[1]
    for days, quantity in ((12, 9), (3.7, 8), (21, 14), (33, 5)):
        yield tell.after(days)
        tell.sim.change_quantity(sub, quantity, item=seat)
    yield tell.after(40)
    tell.sim.change_quantity(sub, 11, item=seat, proration="always_invoice")
    yield from life(tell, sub)


def plan_swap(tell: Teller) -> Story:
    """Up with proration, down without."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[1], 1)])
    yield tell.after(47.25)
    tell.sim.change_price(sub, tell.offers.tow[2])
    yield tell.after(75)
    tell.sim.change_price(sub, tell.offers.tow[1], proration="none")
    yield from life(tell, sub)


def interval_change(tell: Teller) -> Story:
    """From month to year: the cycle starts anew and the rest of the month is credited."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[2], 1)])
    yield tell.after(70.6)
    tell.sim.change_price(sub, tell.offers.tow_yearly[2])
    yield tell.after(120)
    yield from life(tell, sub)


def product_mix(tell: Teller) -> Story:
    """Two product lines on one subscription, a coupon on one of them; an item is added and removed."""
    offers = tell.offers
    sub = tell.sim.subscribe(tell.customer, [(offers.tow[2], 1), (offers.fleet, 30)], coupons=["FLEET20"])
    yield tell.after(38.5)
    yard = tell.sim.add_item(sub, offers.tow_yard, 2)
    yield tell.after(50)
    tell.sim.remove_item(sub, yard)
    yield tell.after(40)
    tell.sim.change_quantity(sub, 110, item=tell.sim.items_of(sub)[1])
    yield from life(tell, sub)


def changes_line(tell: Teller) -> Story:
    """Leaves TowPilot for FleetDesk within the hour: no churn of the company."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[0], 1)])
    yield tell.after(130)
    tell.sim.cancel(sub)
    yield tell.sim.now + HOUR
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.fleet, 42)])
    yield from life(tell, sub)


def long_list(tell: Teller) -> Story:
    """Twelve items: more than a nested list shows."""
    offers = tell.offers
    single = (*offers.tow[:2], *offers.road, offers.tow_seat, offers.tow_yard, offers.depot)
    single += (offers.concierge, offers.unmapped, offers.fleet_reports)
    items = [(price, 1) for price in single] + [(offers.tow_trucks, 7), (offers.fleet_sensor, 12)]
    sub = tell.sim.subscribe(tell.customer, items)
    yield tell.after(64)
    tell.sim.change_quantity(sub, 9, item=tell.sim.items_of(sub)[10])
    yield tell.after(200)
    tell.sim.cancel_at_period_end(sub)


def month_ends(tell: Teller) -> Story:
    """Billed on the last day of each month, from a 31st."""
    yield next_31st(tell.sim.now)
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow[3], 1)])
    yield tell.after(75.5)
    tell.sim.change_quantity(sub, 2)
    yield from life(tell, sub)


def odd_intervals(tell: Teller) -> Story:
    """Six weeks, four weeks, a week, a day, a quarter, two years: one contract after the other."""
    offers = tell.offers
    contracts = (
        (offers.tow_daily, 20),
        (offers.tow_weekly, 42),
        (offers.tow_four_weeks, 84),
        (offers.tow_six_weeks, 126),
        (offers.tow_quarterly, 180),
    )
    sub = tell.sim.subscribe(tell.customer, [(contracts[0][0], 1)])
    for (_, days), (price, _) in pairwise(contracts):
        yield tell.after(days + 0.5)
        tell.sim.change_price(sub, price)
    yield tell.after(contracts[-1][1] + 0.5)
    tell.sim.change_price(sub, offers.tow_two_years)
    yield tell.after(900)
    yield from life(tell, sub)


def packages(tell: Teller) -> Story:
    """Packages of ten, and units of less than a cent's precision."""
    sub = tell.sim.subscribe(
        tell.customer, [(tell.offers.fleet_reports, 31), (tell.offers.fleet_sensor, 333)]
    )
    yield tell.after(44)
    tell.sim.change_quantity(sub, 47)
    yield from life(tell, sub)


def usage(tell: Teller) -> Story:
    """A plan and metered messages, charged in arrears."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.road[1], 1), (tell.offers.road_calls, None)])
    while tell.sim.alive(sub):
        yield tell.after(15)
        if tell.sim.alive(sub):
            tell.sim.report_usage(sub, tell.dice.randint(4_000, 30_000))
        if tell.chance(0.012):
            yield tell.after(3)
            tell.sim.cancel_at_period_end(sub)
            return


def euro(tell: Teller) -> Story:
    """Prices with the tax in them, and a customer that stays."""
    vat = tell.sim.create_tax_rate(19, inclusive=True)
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow_euro[0], 1)], taxes=[vat])
    yield tell.after(51)
    tell.sim.change_price(sub, tell.offers.tow_euro[1])


def yen(tell: Teller) -> Story:
    """A currency without cents, and a customer that stays."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow_yen[0], 1)])
    yield tell.after(83.4)
    tell.sim.change_price(sub, tell.offers.tow_yen[1], proration="always_invoice")


def sales_tax(tell: Teller) -> Story:
    """Tax on top, on a price made for this one contract and on a product of no line."""
    rate = tell.sim.create_tax_rate("8.25", inclusive=False)
    sub = tell.sim.subscribe(
        tell.customer, [(tell.offers.custom, 1), (tell.offers.unmapped, 2)], taxes=[rate]
    )
    yield from life(tell, sub)


def free_first(tell: Teller) -> Story:
    """The free plan for a while, then a paid one."""
    sub = tell.sim.subscribe(tell.customer, [(tell.offers.tow_free, 1)])
    yield tell.after(66.2)
    tell.sim.change_price(sub, tell.offers.tow[2])
    yield from life(tell, sub)


def planned_steps(tell: Teller) -> Story:
    """A schedule: first the small plan, then the next, then the large one."""
    tow = tell.offers.tow
    start = tell.after(9)
    schedule = tell.sim.schedule_start(tell.customer, start, [(tow[0], 1)], shift(start, "month", 2))
    yield shift(start, "month", 2) + DAY
    sub = tell.sim.subscription_of(schedule)
    if sub is None:
        return
    steps = [(shift(start, "month", 4), [(tow[1], 1)]), (shift(start, "month", 6), [(tow[2], 1)])]
    tell.sim.schedule_phases(sub, steps, shift(start, "month", 9))
    yield shift(start, "month", 9) + DAY
    yield from life(tell, sub)


def by_tag(tell: Teller) -> Story:
    """One product that only the customer's tag puts into a line, one that its metadata does."""
    offers = tell.offers
    sub = tell.sim.subscribe(tell.customer, [(offers.concierge, 1)])
    yield tell.after(55)
    tell.sim.add_item(sub, offers.depot)
    yield from life(tell, sub)
