"""A company that takes every step at random: the same for the same seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from eqho.stripe_simulator.calendar import DAY, Interval, instant
from tests.oracle.simulator import Simulator

START = instant("2025-01-31T10:00:00")
_INTERVALS: tuple[tuple[Interval, int], ...] = (
    ("month", 1),
    ("month", 1),
    ("year", 1),
    ("week", 2),
    ("month", 3),
)


@dataclass
class RandomCompany:
    """`walk` lets `days` pass, with a step of some subscription every few days."""

    seed: int
    sim: Simulator = field(init=False)
    subs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.sim = Simulator(START, seed=self.seed)
        self.families = [self._prices(*terms) for terms in _INTERVALS]
        self.taxes = [
            self.sim.create_tax_rate(20, inclusive=True),
            self.sim.create_tax_rate("7.7", inclusive=False),
        ]
        self.coupons = [
            self.sim.create_coupon("P30", percent=30),
            self.sim.create_coupon("P100", percent=100, duration="repeating", months=2),
            self.sim.create_coupon("A5", amount=500, currency="usd"),
            self.sim.create_coupon("R4", percent="12.5", duration="repeating", months=4),
            self.sim.create_coupon("O1", percent=50, duration="once"),
        ]
        self.customers = [self.sim.create_customer(f"C{n}", f"c{n}@c.example") for n in range(4)]

    def _prices(self, interval: Interval, count: int) -> list[str]:
        product = self.sim.create_product(f"TowPilot {interval} {count}")
        tiers = [(3, 2_000, 500), (None, "1499.5", 0)]
        flat = [
            self.sim.create_price(product, unit, interval=interval, count=count)
            for unit in (0, 4_900, 9_999, "1234.5")
        ]
        tiered = self.sim.create_price(
            product, None, tiers=tiers, tiers_mode="graduated", interval=interval, count=count
        )
        return [*flat, tiered]

    def walk(self, days: int) -> Simulator:
        end = self.sim.now + days * DAY
        self._subscribe()
        while self.sim.now < end:
            self.sim.advance(min(end, self.sim.now + self.dice.randrange(DAY // 2, 9 * DAY)))
            alive = [sub for sub in self.subs if self.sim.alive(sub)]
            if not alive or self.dice.random() < 0.15:
                self._subscribe()
            else:
                self.dice.choice(self._steps())(self.dice.choice(alive))
        return self.sim

    def _steps(self) -> list[Callable[[str], object]]:
        sim, dice = self.sim, self.dice
        proration = dice.choice(("create_prorations", "always_invoice", "none"))
        return [
            lambda sub: sim.change_quantity(sub, dice.randint(1, 9), proration=proration),
            lambda sub: sim.change_price(sub, dice.choice(self._family(sub)), proration=proration),
            lambda sub: sim.add_item(
                sub, dice.choice(self._family(sub)), dice.randint(1, 9), proration=proration
            ),
            lambda sub: (
                len(sim.items_of(sub)) > 1
                and sim.remove_item(sub, dice.choice(sim.items_of(sub)), proration=proration)
            ),
            self._change_interval,
            lambda sub: sim.apply_discount(sub, dice.choice(self.coupons)),
            lambda sub: sim.apply_discount(sub, self.coupons[0], item=dice.choice(sim.items_of(sub))),
            lambda sub: sim.cancel(sub, prorate=dice.random() < 0.5),
            sim.cancel_at_period_end,
            sim.uncancel,
            lambda sub: sim.pause(
                sub,
                dice.choice(("void", "mark_uncollectible", "keep_as_draft")),
                sim.now + dice.randint(5, 50) * DAY,
            ),
            lambda sub: sim.fail_next_payment(
                sub, dice.choice(("recover", "cancel", "unpaid", "uncollectible")), dice.randint(1, 25) * DAY
            ),
            sim.pay_arrears,
        ]

    def _subscribe(self) -> None:
        dice = self.dice
        family = dice.choice(self.families)
        items = [(dice.choice(family), dice.randint(1, 9)) for _ in range(dice.randint(1, 3))]
        self.subs.append(
            self.sim.subscribe(
                dice.choice(self.customers),
                items,
                trial_days=dice.choice((0, 0, 14)),
                coupons=dice.sample(self.coupons, dice.choice((0, 0, 1, 2))),
                taxes=dice.sample(self.taxes, dice.choice((0, 0, 1))),
                collection=dice.choice(("charge_automatically", "charge_automatically", "send_invoice")),
                billing_mode=dice.choice(("classic", "flexible")),
                first_payment_fails=dice.random() < 0.05,
            )
        )

    def _family(self, sub: str) -> list[str]:
        price, _ = self.sim.first_item(sub)
        return next(family for family in self.families if price in family)

    def _change_interval(self, sub: str) -> None:
        family = self.dice.choice(self.families)
        wanted = {
            item: (self.dice.choice(family), self.dice.randint(1, 9)) for item in self.sim.items_of(sub)
        }
        self.sim.change(sub, wanted)
