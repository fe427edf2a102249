"""The demo company: some 150 customers from November 2023 on, told story by story.

Everything happens on a fixed grid of months from EPOCH with dice of its own for each customer, and is cut at
`now`: moving `now` adds history and never changes it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from random import Random

from eqho.sources.demo import edges_billing, edges_payments
from eqho.sources.demo.names import company_email, company_name
from eqho.sources.demo.offers import Offers, create_offers
from eqho.sources.demo.stories import Story, Teller, ordinary
from eqho.stripe_simulator.account import EVENT_RETENTION, StripeAccount
from eqho.stripe_simulator.calendar import DAY, instant, shift
from eqho.stripe_simulator.simulator import Simulator

EPOCH = instant("2023-11-01")
SEED = 2063
INTERNAL_EMAIL_DOMAIN = "eqho.example"

# The longer a story takes to unfold, the earlier it stands: the list is gone through twice in three years.
EDGES: tuple[Callable[[Teller], Story], ...] = (
    edges_payments.pauses,
    edges_payments.closed_in_summer,
    edges_billing.annual_upgrade,
    edges_payments.bad_card,
    edges_billing.odd_intervals,
    edges_payments.launch,
    edges_billing.seats,
    edges_payments.customer_coupon,
    edges_billing.planned_steps,
    edges_payments.by_invoice,
    edges_billing.interval_change,
    edges_payments.changes_its_mind,
    edges_billing.product_mix,
    edges_payments.sponsored,
    edges_billing.long_list,
    edges_payments.comes_back_later,
    edges_billing.plan_swap,
    edges_payments.amounts_off,
    edges_billing.euro,
    edges_payments.free_quarter,
    edges_billing.yen,
    edges_payments.comes_back_at_once,
    edges_billing.changes_line,
    edges_payments.backdated,
    edges_billing.month_ends,
    edges_payments.credits_and_refunds,
    edges_billing.free_first,
    edges_payments.partner,
    edges_billing.usage,
    edges_payments.deleted,
    edges_billing.packages,
    edges_payments.two_subscriptions,
    edges_billing.by_tag,
    edges_payments.slow_trial,
    edges_billing.sales_tax,
    edges_payments.never_paid,
    edges_payments.balance,
)
_SCRIPTED = frozenset({0, 2, 3})  # of every five customers, until each edge has been told twice
_SCRIPTED_LATER = frozenset({2})
_STEADY_MONTH = 36


@dataclass(order=True, slots=True)
class _Turn:
    """When it is whose turn: the story of one customer goes on at `at`."""

    at: int
    index: int
    story: Story = field(compare=False)


def build_company(now: int, *, seed: int = SEED, simulator: type[Simulator] = Simulator) -> Simulator:
    """The company as it stands at `now`; without objects before EPOCH."""
    if now < EPOCH:
        return simulator(now, seed=seed)
    sim = simulator(EPOCH, seed=seed, events_since=now - EVENT_RETENTION)
    offers = create_offers(sim)
    turns = [_Turn(at, index, story) for at, index, story in _stories(sim, offers, now, seed)]
    heapify(turns)
    while turns and turns[0].at <= now:
        turn = heappop(turns)
        sim.advance(turn.at)
        wake = next(turn.story, None)
        if wake is not None:
            heappush(turns, _Turn(max(wake, sim.now), turn.index, turn.story))
    sim.advance(now)
    return sim


def demo_account(now: int) -> StripeAccount:
    """Stripe's view of the company at `now`."""
    return build_company(now).account


def _stories(sim: Simulator, offers: Offers, now: int, seed: int) -> Iterator[tuple[int, int, Story]]:
    """First instant, index and story of the company itself and of every customer until `now`."""
    yield EPOCH, -2, _internal(sim, offers, seed)
    yield EPOCH + 400 * DAY, -1, _housekeeping(sim, offers)
    edges = 0
    for index, joined in enumerate(_arrivals(now, seed)):
        scripted = index % 5 in (_SCRIPTED if edges < 2 * len(EDGES) else _SCRIPTED_LATER)
        tell_story = EDGES[edges % len(EDGES)] if scripted else ordinary
        edges += scripted
        yield joined, index, _customer(sim, offers, index, tell_story, seed)


def _arrivals(now: int, seed: int) -> Iterator[int]:
    """Instants of sign-up, in order: few a month at first, then more, and steady after three years."""
    month = 0
    while (start := shift(EPOCH, "month", month)) <= now:
        dice = Random(f"{seed}:month:{month}")  # noqa: S311 - a simulation, not a secret
        count = (6 if month == 0 else 2) + round(4.4 * min(month, _STEADY_MONTH) / _STEADY_MONTH)
        length = shift(EPOCH, "month", month + 1) - start
        yield from sorted(start + dice.randrange(length) for _ in range(count))
        month += 1


def _customer(
    sim: Simulator, offers: Offers, index: int, tell_story: Callable[[Teller], Story], seed: int
) -> Story:
    name = company_name(index)
    metadata = {"tag": "tow-partner"} if tell_story is edges_billing.by_tag else {}
    customer = sim.create_customer(name, company_email(name), metadata)
    dice = Random(f"{seed}:customer:{index}")  # noqa: S311 - a simulation, not a secret
    yield from tell_story(Teller(sim, offers, customer, dice))


def _internal(sim: Simulator, offers: Offers, seed: int) -> Story:
    """The company's own account, which is nobody's revenue."""
    customer = sim.create_customer("Eqho (internal)", f"team@{INTERNAL_EMAIL_DOMAIN}")
    sim.subscribe(customer, [(offers.tow[3], 1)])
    yield from ()


def _housekeeping(sim: Simulator, offers: Offers) -> Story:
    """A price is taken off sale, and years later so is a coupon."""
    sim.archive_price(offers.tow_weekly)
    yield EPOCH + 700 * DAY
    sim.delete_coupon("FAIR2024")
