"""How an ordinary customer lives: trial, growth, trouble with the card, and one day the end.

A story is a generator: it acts on the simulator and yields the instant at which it wants to go on. It knows
nothing of where the company's history is cut, so yesterday is the same whatever today is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from eqho.sources.demo.offers import Offers
from eqho.stripe_simulator.calendar import DAY
from eqho.stripe_simulator.simulator import Simulator

Story = Iterator[int]

_MONTH = 30 * DAY
_CHURN = 0.022
_UPGRADE = 0.04
_DOWNGRADE = 0.008
_FAILURE = 0.045


@dataclass(frozen=True, slots=True)
class Teller:
    """What a story works with: the simulator, the offers, its customer and its own dice."""

    sim: Simulator
    offers: Offers
    customer: str
    dice: Random

    def after(self, days: float) -> int:
        return self.sim.now + round(days * DAY)

    def chance(self, probability: float) -> bool:
        return self.dice.random() < probability


def ordinary(tell: Teller) -> Story:
    """Most start with a trial of 30 days; four of five stay."""
    plan = _plan(tell)
    trial = tell.chance(0.75)
    sub = tell.sim.subscribe(
        tell.customer,
        [plan],
        trial_days=30 if trial else 0,
        billing_mode=tell.dice.choice(("classic", "flexible")),
    )
    if trial and tell.chance(0.25):
        yield tell.after(tell.dice.randint(15, 29))
        tell.sim.cancel_at_period_end(sub)
        return
    yield from life(tell, sub)


def life(tell: Teller, sub: str) -> Story:
    """Month after month until the subscription has ended."""
    yield tell.after(tell.dice.uniform(31, 60))
    while tell.sim.alive(sub):
        roll = tell.dice.random()
        if roll < _CHURN:
            yield from leave(tell, sub)
            return
        if roll < _CHURN + _UPGRADE:
            _grow(tell, sub)
        elif roll < _CHURN + _UPGRADE + _DOWNGRADE:
            _shrink(tell, sub)
        elif roll < _CHURN + _UPGRADE + _DOWNGRADE + _FAILURE:
            tell.sim.fail_next_payment(sub, "recover", after=tell.dice.randint(4, 22) * DAY)
        yield tell.after(tell.dice.uniform(27, 33))


def leave(tell: Teller, sub: str) -> Story:
    """Most cancel after the next charge for the end of its period; some at once, some by a dead card."""
    roll = tell.dice.random()
    if roll < 0.15:
        tell.sim.fail_next_payment(sub, "cancel", after=21 * DAY)
        yield tell.sim.period_end(sub) + _MONTH
    elif roll < 0.25:
        tell.sim.cancel(sub)
    else:
        if tell.sim.period_end(sub) < tell.after(60):
            yield tell.sim.period_end(sub) + round(tell.dice.uniform(0.1, 3) * DAY)
        if tell.sim.alive(sub):
            tell.sim.cancel_at_period_end(sub)


def _plan(tell: Teller) -> tuple[str, int]:
    offers, dice = tell.offers, tell.dice
    roll = dice.random()
    if roll < 0.28:
        return dice.choices(offers.tow, (3, 5, 6, 3))[0], 1
    if roll < 0.36:
        return dice.choice(offers.tow_yearly), 1
    if roll < 0.40:
        return offers.tow_trucks, dice.randint(4, 24)
    if roll < 0.72:
        return offers.fleet, dice.randint(30, 110)
    if roll < 0.76:
        return offers.fleet_yearly, dice.randint(1, 2)
    return dice.choice(offers.road), dice.randint(2, 6)


def _grow(tell: Teller, sub: str) -> None:
    """The next larger plan, or more of the same."""
    price, quantity = tell.sim.first_item(sub)
    for ladder in (tell.offers.tow, tell.offers.tow_yearly, tell.offers.road):
        if price in ladder[:-1]:
            tell.sim.change_price(sub, ladder[ladder.index(price) + 1])
            return
    if quantity is not None and quantity > 1 and tell.sim.status(sub) == "active":
        tell.sim.change_quantity(sub, quantity + max(1, quantity // 4), proration="always_invoice")


def _shrink(tell: Teller, sub: str) -> None:
    price, quantity = tell.sim.first_item(sub)
    for ladder in (tell.offers.tow, tell.offers.tow_yearly, tell.offers.road):
        if price in ladder[1:]:
            tell.sim.change_price(sub, ladder[ladder.index(price) - 1])
            return
    if quantity is not None and quantity > 1:
        tell.sim.change_quantity(sub, quantity - max(1, quantity // 5))
