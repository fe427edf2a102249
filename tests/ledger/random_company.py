"""Small companies that do at random what customers of Stripe do, and what nobody can date afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from eqho.stripe_simulator.calendar import DAY, HOUR, instant, shift
from tests.ledger.random_catalogue import Catalogue, Family, catalogue
from tests.oracle.simulator import Simulator

BEGIN = instant("2024-01-09T07:31:05")


@dataclass
class Contract:
    """One subscription of the company, as far as a customer knows it."""

    id: str
    customer: str
    family: Family
    paused: str | None = None
    discounts: list[str] = field(default_factory=list)
    own_terms: bool = False
    scheduled: bool = False


class RandomCompany:
    """`sim` holds the account and its truth at its `now`."""

    def __init__(self, seed: int, customers: int = 3) -> None:
        self.dice = Random(seed)
        self.sim = Simulator(BEGIN, seed=seed)
        self._offers: Catalogue = catalogue(self.sim)
        self._customers = [self._newcomer(seed, number) for number in range(customers)]
        self._contracts: list[Contract] = []
        self._favoured: set[str] = set()
        self.now = BEGIN + self.dice.randint(220 * DAY, 340 * DAY)
        while self.sim.now < self.now:
            self._wait()
            self._act()

    def _newcomer(self, seed: int, number: int) -> str:
        return self.sim.create_customer(f"Towing {number}", f"ops@towing{number}.example")

    def _wait(self) -> None:
        """Some days; sometimes until the very second of a renewal, sometimes not at all."""
        roll = self.dice.random()
        if roll < 0.05 and self._living():
            due = self.sim.period_end(self.dice.choice(self._living()).id)
            if self.sim.now <= due <= self.now:
                self.sim.advance(due)
                return
        if roll > 0.08:
            self.sim.advance(min(self.now, self.sim.now + self.dice.randint(1, 6 * DAY)))

    def _living(self) -> list[Contract]:
        return [c for c in self._contracts if self.sim.alive(c.id)]

    def _act(self) -> None:
        living = self._living()
        busy = {c.customer for c in living}
        idle = [c for c in self._customers if c not in busy]
        if not living or (idle and self.dice.random() < 0.3):
            self._subscribe(self.dice.choice(idle or self._customers))
            return
        contract = self.dice.choice(living)
        status = self.sim.status(contract.id)
        if status == "incomplete":
            return
        self.dice.choice(_ACTIONS.get(status, _RUNNING))(self, contract)

    # Starting

    def _subscribe(self, customer: str, family: Family | None = None) -> None:
        dice = self.dice
        family = family or dice.choice((self._offers.families[0], dice.choice(self._offers.families)))
        own = [c for c in self._contracts if c.customer == customer]
        if own and own[0].family.currency != family.currency:
            family = own[0].family
        prices = dice.sample(family.licensed, dice.choice((1, 1, 1, 2, 3)))
        items: list[tuple[str, int | None]] = [(price, self._quantity()) for price in prices]
        if family.metered and dice.random() < 0.1:
            items.append((family.metered, None))
        roll = dice.random()
        contract = Contract("", customer, family)
        item_coupons = (
            [(0, self._coupon(family))] if dice.random() < 0.1 and customer not in self._favoured else []
        )
        contract.own_terms = bool(item_coupons)
        contract.id = self.sim.subscribe(
            customer,
            items,
            coupons=[self._coupon(family)] if dice.random() < 0.25 else [],
            item_coupons=item_coupons,
            trial_days=dice.choice((7, 14, 30, 45)) if roll < 0.25 else 0,
            trial_end_behavior=dice.choice(("create_invoice", "create_invoice", "pause", "cancel")),
            backdate=self.sim.now - dice.randint(1, 80 * DAY) if 0.25 < roll < 0.35 else None,
            collection="send_invoice" if 0.35 < roll < 0.45 else "charge_automatically",
            pays_after=dice.randint(1, 50) * DAY,
            taxes=[dice.choice(self._offers.taxes)] if dice.random() < 0.15 else [],
            billing_mode=dice.choice(("classic", "flexible")),
            first_payment_fails=0.45 < roll < 0.5,
        )
        self._contracts.append(contract)

    def _quantity(self) -> int:
        return self.dice.choice((1, 1, 1, 2, self.dice.randint(2, 130)))

    def _coupon(self, family: Family) -> str:
        offers = self._offers
        return self.dice.choice(offers.coupons + (offers.dollar_coupons if family.currency == "usd" else ()))

    # Changing

    def _proration(self, contract: Contract) -> str:
        wanted = self.dice.choice(("create_prorations", "create_prorations", "always_invoice", "none"))
        if wanted == "always_invoice" and contract.paused == "void":
            wanted = "create_prorations"
        return wanted

    def _discounts_of(self, contract: Contract) -> list[dict[str, Any]]:
        body = self._body(contract)
        held = [*body["discounts"], *(d for i in body["items"]["data"] for d in i["discounts"])]
        return [self.sim.account.stored("discount", d) or {} for d in held]

    def _period_start(self, contract: Contract) -> int:
        return int(self._body(contract)["items"]["data"][0]["current_period_start"])

    def _body(self, contract: Contract) -> dict[str, Any]:
        return self.sim.account.stored("subscription", contract.id) or {}

    def _licensed(self, contract: Contract) -> str:
        return self.dice.choice(self._licensed_items(contract))

    def _licensed_items(self, contract: Contract) -> list[str]:
        items = self._body(contract)["items"]["data"]
        return [i["id"] for i in items if i["price"]["recurring"]["usage_type"] == "licensed"]

    def _more_or_less(self, contract: Contract) -> None:
        item = self._licensed(contract)
        self.sim.change_quantity(
            contract.id, self._quantity(), item=item, proration=self._proration(contract)
        )

    def _other_plan(self, contract: Contract) -> None:
        price, item = self.dice.choice(contract.family.licensed), self._licensed(contract)
        self.sim.change_price(contract.id, price, item=item, proration=self._proration(contract))

    def _other_interval(self, contract: Contract) -> None:
        family = self._offers.other_family(contract.family, self.dice)
        items = self.sim.items_of(contract.id)
        if (
            family is None
            or contract.scheduled
            or contract.paused == "void"
            or items != self._licensed_items(contract)
            or len(items) > len(family.licensed)
        ):
            return
        prices = self.dice.sample(family.licensed, len(items))
        wanted = {item: (price, self._quantity()) for item, price in zip(items, prices, strict=True)}
        self.sim.change(contract.id, wanted, proration=self._proration(contract))
        contract.family = family

    def _add(self, contract: Contract) -> None:
        if len(self.sim.items_of(contract.id)) < 5 and not contract.scheduled:
            price = self.dice.choice(contract.family.licensed)
            self.sim.add_item(contract.id, price, self._quantity(), proration=self._proration(contract))

    def _remove(self, contract: Contract) -> None:
        items = self._licensed_items(contract)
        if len(items) > 1 and not contract.scheduled:
            self.sim.remove_item(contract.id, self.dice.choice(items), proration=self._proration(contract))

    def _plan_ahead(self, contract: Contract) -> None:
        """A schedule of two steps, the first at the end of the period or in the middle of it."""
        items = self._licensed_items(contract)
        if contract.scheduled or items != self.sim.items_of(contract.id):
            return
        contract.scheduled = True
        start = self.sim.period_end(contract.id) + self.dice.choice((0, 11 * DAY + 7))
        prices = [[(p, self._quantity()) for p in self.dice.choices(contract.family.licensed, k=len(items))]]
        self.sim.schedule_phases(
            contract.id,
            [(start, prices[0])],
            shift(start, "month", 3),
            end_behavior=self.dice.choice(("release", "release", "cancel")),
        )

    # Discounts

    def _discount(self, contract: Contract) -> None:
        contract.discounts.append(self.sim.apply_discount(contract.id, self._coupon(contract.family)))

    def _discount_item(self, contract: Contract) -> None:
        """Stripe does not say whether a customer's discount still counts beside an item's: not acted out."""
        if contract.customer in self._favoured:
            return
        contract.own_terms = True
        item = self._licensed(contract)
        contract.discounts.append(
            self.sim.apply_discount(contract.id, self._coupon(contract.family), item=item)
        )

    def _undiscount(self, contract: Contract) -> None:
        held = [d["id"] for d in self._discounts_of(contract)]
        standing = [d for d in contract.discounts if d in held]
        if standing:
            self.sim.remove_discount(contract.id, self.dice.choice(standing))

    def _discount_customer(self, contract: Contract) -> None:
        """Once: when a second discount takes the place of the first, only events know both."""
        theirs = [c for c in self._contracts if c.customer == contract.customer]
        if contract.customer in self._favoured or any(c.own_terms for c in theirs):
            return
        self._favoured.add(contract.customer)
        self.sim.discount_customer(contract.customer, self.dice.choice(("HALF", "QUARTER")))

    # Pausing, paying, leaving

    def _pause(self, contract: Contract) -> None:
        behavior = self.dice.choice(("void", "mark_uncollectible", "keep_as_draft"))
        contract.paused = behavior
        self.sim.pause(contract.id, behavior)

    def _resume(self, contract: Contract) -> None:
        contract.paused = None
        self.sim.resume(contract.id)

    def _fail(self, contract: Contract) -> None:
        resolution = self.dice.choice(("recover", "recover", "cancel", "unpaid", "uncollectible"))
        self.sim.fail_next_payment(contract.id, resolution, after=self.dice.randint(4, 25) * DAY)

    def _pay(self, contract: Contract) -> None:
        self.sim.pay_arrears(contract.id)

    def _void(self, contract: Contract) -> None:
        bill = self.sim.latest_invoice(contract.id)
        if self.sim.account.stored("invoice", bill)["status"] == "open":
            self.dice.choice((self.sim.void, self.sim.reissue))(bill)

    def _credit(self, contract: Contract) -> None:
        bill = self.sim.account.stored("invoice", self.sim.latest_invoice(contract.id))
        if bill["status"] == "paid" and bill["amount_paid"] > 100:
            self.dice.choice((self.sim.credit, self.sim.refund))(bill["id"], 100)

    def _one_time(self, contract: Contract) -> None:
        amount = self.dice.choice((50_000, -3_000))
        self.sim.charge_once(
            contract.customer,
            amount,
            "Onboarding",
            currency=contract.family.currency,
            subscription=contract.id,
        )

    def _use(self, contract: Contract) -> None:
        self.sim.report_usage(contract.id, self.dice.randint(100, 30_000))

    def _cancel_later(self, contract: Contract) -> None:
        self.sim.cancel_at_period_end(contract.id)

    def _stay(self, contract: Contract) -> None:
        self.sim.uncancel(contract.id)

    def _cancel(self, contract: Contract) -> None:
        self.sim.cancel(contract.id, prorate=self.dice.random() < 0.5)

    def _start_over(self, contract: Contract) -> None:
        self._cancel(contract)
        self.sim.advance(self.sim.now + self.dice.choice((0, 9 * HOUR)))
        self._subscribe(contract.customer, contract.family)

    def _second(self, contract: Contract) -> None:
        self._subscribe(contract.customer, contract.family)

    def _erase(self, contract: Contract) -> None:
        if len(self._customers) > 3:
            self._customers.remove(contract.customer)
            self.sim.delete_customer(contract.customer)


Action = Callable[[RandomCompany, Contract], None]
_PLANS: tuple[Action, ...] = (
    RandomCompany._more_or_less, RandomCompany._more_or_less, RandomCompany._other_plan,
    RandomCompany._other_plan, RandomCompany._other_interval, RandomCompany._add, RandomCompany._remove,
    RandomCompany._discount, RandomCompany._discount_item, RandomCompany._undiscount,
    RandomCompany._discount_customer, RandomCompany._one_time, RandomCompany._use,
    RandomCompany._cancel_later, RandomCompany._stay, RandomCompany._cancel,
)  # fmt: skip
_RUNNING: tuple[Action, ...] = (
    *_PLANS, RandomCompany._pause, RandomCompany._resume, RandomCompany._resume, RandomCompany._fail,
    RandomCompany._fail, RandomCompany._void, RandomCompany._credit, RandomCompany._start_over,
    RandomCompany._second, RandomCompany._erase, RandomCompany._plan_ahead,
)  # fmt: skip
_ACTIONS: dict[str, tuple[Action, ...]] = {
    "trialing": _PLANS,
    "paused": (RandomCompany._resume, RandomCompany._cancel),
    "unpaid": (RandomCompany._pay, RandomCompany._cancel),
}
