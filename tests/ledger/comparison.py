"""The ledger against the simulator's truth: every item, on every day, to 1/10 000 of a minor unit."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from eqho.billing.normalise import read_account
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.labelled import Classifier
from eqho.ledger.spans import State
from eqho.money import MRR_SCALE, scaled
from eqho.sources.base import KINDS
from eqho.stripe_simulator.account import StripeAccount
from tests.ledger.stripe_account import Lines
from tests.ledger.untold import Untold
from tests.oracle.api_shapes import downgrade
from tests.oracle.simulator import Simulator
from tests.oracle.truth import AWAY

DAY = 86_400
Shape = Literal["acacia", "basil", "newest"]
_LINES = Lines()

Raw = dict[str, Any]
Bodies = dict[str, list[Raw]]
SHAPES: tuple[Shape, ...] = ("acacia", "basil", "newest")

# What a source asks Stripe to include.
_EXPANDED = {
    "price": ("tiers", "currency_options"),
    "coupon": ("applies_to",),
    "customer": ("discount.source.coupon",),
    "subscription": ("discounts.source.coupon", "items.data.discounts"),
    "invoice": ("discounts.source.coupon", "lines.data.discounts"),
}
_FILTERS: dict[str, dict[str, Any]] = {"subscription": {"status": "all"}, "invoiceitem": {"pending": True}}


class Written:
    """An account with its events in several API shapes."""

    def __init__(self, account: StripeAccount, shapes: Sequence[Shape] = SHAPES) -> None:
        self._account = account
        self._bodies: dict[Shape, Bodies] = {
            "newest": {kind: list(self._every(kind)) for kind in (*KINDS, "event")}
        }
        gone = [e["data"]["object"] for e in self._bodies["newest"]["event"] if e["type"] == "coupon.deleted"]
        self._deleted = {body["id"]: body for body in gone}
        for shape in (shape for shape in shapes if shape != "newest"):
            self._bodies[shape] = {
                kind: [downgrade(kind, body, shape, self._find) for body in bodies]
                for kind, bodies in self._bodies["newest"].items()
            }

    def bodies(self, shape: Shape) -> Bodies:
        return self._bodies[shape]

    def ledger(self, shape: Shape, *, events: bool, lines: Classifier = _LINES) -> Ledger:
        """Read and built; gaps are not merged. Who kept the events also kept what was deleted since."""
        bodies = self._bodies[shape]
        kept = {"coupon": [*bodies["coupon"], *self._deleted.values()]} if events else {"event": []}
        read, issues = read_account({**bodies, **kept})
        assert issues == []
        return build_ledger(read, lines, self._account.now, merge_gap_days=0)

    def _every(self, kind: str) -> Iterator[Raw]:
        expand = [f"data.{path}" for path in _EXPANDED.get(kind, ())]
        return self._account.every(kind, expand, **_FILTERS.get(kind, {}))

    @cache  # noqa: B019 - the objects live as long as the test
    def _find(self, kind: str, object_id: str) -> Raw | None:
        found = self._account.retrieve(kind, object_id, _EXPANDED.get(kind, ()))
        return found or self._deleted.get(object_id)


class Place(NamedTuple):
    customer: str
    product: str
    subscription: str
    item: str


class Worths(NamedTuple):
    """MRR units under both conventions, in MRR or in a bucket of what is away and has not left. `committed`
    is `net_stripe` until the cancellation was asked for: what policy stripe counts."""

    net_eqho: int
    net_stripe: int
    committed: int
    away: str


_NOTHING = Worths(0, 0, 0, "")
_AWAY = {State.PAUSED: "paused", State.FREE_PERIOD: "free_period"}


class Stretch(NamedTuple):
    place: Place
    start: int
    end: float
    worths: Worths
    requested: float


def true_stretches(sim: Simulator) -> list[Stretch]:
    forever = float("inf")
    return [
        Stretch(
            Place(f.customer, f.product, f.subscription, f.item),
            f.start,
            forever if f.end is None else f.end,
            Worths(scaled(f.net_eqho), scaled(f.net_stripe), 0, f.state if f.state in AWAY else ""),
            forever if (asked := sim.truth.canceled_at(f.subscription)) is None else asked,
        )
        for f in sim.truth.facts()
    ]


def told_stretches(ledger: Ledger) -> list[Stretch]:
    s = ledger.spans
    names = [[s.names[column][code] for code in getattr(s, column)] for column in Place._fields]
    return [
        Stretch(
            Place(*place),
            int(s.start[i]),
            int(s.end[i]),
            Worths(int(s.net_eqho[i]), int(s.net_stripe[i]), 0, _AWAY.get(State(s.state[i]), "")),
            int(s.requested[i]),
        )
        for i, place in enumerate(zip(*names, strict=True))
    ]


def day(stretches: Iterable[Stretch], at: int) -> dict[Place, Worths]:
    """What each item is worth at an instant; those that are worth nothing are left out."""
    found = {}
    for stretch in stretches:
        if stretch.start <= at < stretch.end and (stretch.worths.net_eqho or stretch.worths.net_stripe):
            assert stretch.place not in found
            committed = 0 if stretch.requested <= at else stretch.worths.net_stripe
            found[stretch.place] = stretch.worths._replace(committed=committed)
    return found


def days(stretches: Sequence[Stretch], now: int) -> list[int]:
    """The last instant of every day from the first stretch on, and now."""
    first = min((s.start for s in stretches), default=now)
    return [*range(first - first % DAY + DAY - 1, now, DAY), now]


class Comparison(NamedTuple):
    """`item_days` were compared; `wrong` are those that differ, each (place, instant)."""

    item_days: int
    wrong: list[tuple[Place, int]]

    def by_kind(self, untold: Iterable[Untold]) -> Counter[str]:
        """The wrong item-days by what makes them undatable; "" where nothing does."""
        kept: dict[str, list[Untold]] = defaultdict(list)
        for each in untold:
            kept[each.subscription].append(each)
        kinds: Counter[str] = Counter()
        for place, at in self.wrong:
            reasons = (
                u.kind
                for u in kept[place.subscription]
                if u.start <= at < u.end and u.item in (None, place.item)
            )
            kinds[next(reasons, "")] += 1
        return kinds


def compare(sim: Simulator, ledger: Ledger) -> Comparison:
    """On every day and exactly, the buckets of what is away included."""
    return _compare(sim, ledger, _same, counted=lambda worths: True)


def compare_mrr(sim: Simulator, ledger: Ledger) -> Comparison:
    """On every day what counts as MRR, to the cent: of an amount off that is spread over several items, an
    invoice shows the share of each in cents."""
    return _compare(sim, ledger, _same_to_the_cent, counted=lambda worths: not worths.away)


def _compare(
    sim: Simulator, ledger: Ledger, same: Callable[[Worths, Worths], bool], counted: Callable[[Worths], bool]
) -> Comparison:
    truth, told = true_stretches(sim), told_stretches(ledger)
    item_days, wrong = 0, []
    for at in days([*truth, *told], ledger.now):
        true_day, told_day = day(truth, at), day(told, at)
        true_day = {place: worths for place, worths in true_day.items() if counted(worths)}
        told_day = {place: worths for place, worths in told_day.items() if counted(worths)}
        places = true_day.keys() | told_day.keys()
        item_days += len(places)
        wrong += [(p, at) for p in places if not same(true_day.get(p, _NOTHING), told_day.get(p, _NOTHING))]
    return Comparison(item_days, wrong)


def _same(truth: Worths, told: Worths) -> bool:
    return truth == told


def _same_to_the_cent(truth: Worths, told: Worths) -> bool:
    return all(abs(a - b) < MRR_SCALE for a, b in zip(truth[:3], told[:3], strict=True))
