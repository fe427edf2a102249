"""An export of another tool beside the ledger: every difference by customer and month, with its cause.

A cause is a convention in which tools differ. The fewest that together make the difference explain it; what
no set of them makes is unexplained. The parts of a difference add up to it exactly.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Literal

import msgspec
import numpy as np

from eqho.ledger.spans import Ints, State
from eqho.metrics.query import Scene
from eqho.money import MRR_SCALE
from eqho.periods import FAR, Period, period_of

Cause = Literal[
    "coupon",
    "cancel timing",
    "paused",
    "past due",
    "trial",
    "usage",
    "currency",
    "tax",
    "not in Stripe",
    "not in theirs",
    "unexplained",
]
MATCHED_BY = ("id", "email", "name")
_MOST_CAUSES = 3
_TAX_RATES = range(1, 31)


class Claim(msgspec.Struct, frozen=True):
    """What an export says: the MRR of a customer at the end of `day`, in minor units of `currency` (the
    reporting one where it names none). `label` is the month or day as the export has it."""

    label: str
    day: date
    minor: int
    id: str = ""
    email: str = ""
    name: str = ""
    currency: str = ""


class Difference(msgspec.Struct, frozen=True):
    """A part of `theirs − ours`, which are major units, the same in each part of a customer and month."""

    customer: str
    name: str
    month: str
    theirs: float
    ours: float
    amount: float
    cause: Cause


class CauseTotal(msgspec.Struct, frozen=True):
    cause: Cause
    amount: float
    customers: int


class ComparisonTotals(msgspec.Struct, frozen=True):
    """Major units over every customer and month of the export."""

    theirs: float
    ours: float
    difference: float
    by_cause: tuple[CauseTotal, ...]


class Comparison(msgspec.Struct, frozen=True):
    """`matched`: customers of the export found in Stripe, by what they were found."""

    currency: str
    policy: str
    months: tuple[str, ...]
    matched: dict[str, int]
    agreeing: int
    differences: tuple[Difference, ...]
    totals: ComparisonTotals


class _Part(msgspec.Struct, frozen=True):
    customer: str
    month: str
    theirs: int
    ours: int
    amount: int
    cause: Cause


def compare(scene: Scene, claims: Sequence[Claim]) -> Comparison:
    """`scene` is asked at the end of each day claimed, under its policy and in its currency."""
    customers = _Directory(scene)
    by_month: dict[tuple[date, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        by_month[claim.day, claim.label].append(claim)
    parts: list[_Part] = []
    theirs = ours = agreeing = 0
    for (day, label), told in sorted(by_month.items()):
        standing = _Standing(scene, day)
        found: dict[str, int] = defaultdict(int)
        elsewhere: set[str] = set()
        for claim in told:
            who = customers.find(claim)
            if claim.currency and claim.currency.lower() != scene.currency:
                elsewhere.add(who)
            found[who] += claim.minor
        for who in standing.paying - set(found):
            found[who] = 0
        claimed = {customers.find(claim) for claim in told}
        for who, minor in found.items():
            own = standing.minor(who)
            theirs, ours = theirs + minor, ours + own
            if minor == own:
                agreeing += 1
                continue
            if who not in customers.known:
                explained: dict[Cause, int] = {"not in Stripe": minor}
            elif who in elsewhere:
                explained = {"currency": minor - own}
            else:
                explained = standing.explain(who, minor - own, told=who in claimed)
            parts += [_Part(who, label, minor, own, amount, cause) for cause, amount in explained.items()]
    return Comparison(
        currency=scene.currency.upper(),
        policy=scene.policy.name,
        months=tuple(sorted({claim.label for claim in claims})),
        matched=customers.matched,
        agreeing=agreeing,
        differences=tuple(_shown(scene, customers, parts)),
        totals=_totals(scene, parts, theirs, ours),
    )


def _shown(scene: Scene, customers: "_Directory", parts: Sequence[_Part]) -> Iterator[Difference]:
    """Largest first, the parts of one customer and month together."""
    for part in sorted(parts, key=lambda p: (-abs(p.theirs - p.ours), p.customer, p.month, p.cause)):
        yield Difference(
            part.customer,
            customers.name(part.customer),
            part.month,
            _money(scene, part.theirs),
            _money(scene, part.ours),
            _money(scene, part.amount),
            part.cause,
        )


def _totals(scene: Scene, parts: Sequence[_Part], theirs: int, ours: int) -> ComparisonTotals:
    amounts: dict[Cause, int] = defaultdict(int)
    who: dict[Cause, set[str]] = defaultdict(set)
    for part in parts:
        amounts[part.cause] += part.amount
        who[part.cause].add(part.customer)
    causes = sorted(amounts, key=lambda cause: (cause == "unexplained", -abs(amounts[cause]), cause))
    return ComparisonTotals(
        _money(scene, theirs),
        _money(scene, ours),
        _money(scene, theirs - ours),
        tuple(CauseTotal(cause, _money(scene, amounts[cause]), len(who[cause])) for cause in causes),
    )


def _money(scene: Scene, minor: int) -> float:
    return scene.money(minor * MRR_SCALE)


class _Directory:
    """Customers by Stripe id, then e-mail, then name; who is not found is called as the export calls them.

    A name or an address that several customers share finds nobody: a wrong match explains nothing.
    """

    def __init__(self, scene: Scene) -> None:
        self._people = scene.ledger.customers
        self.known = frozenset(self._people)
        self._by: dict[str, dict[str, str]] = {"email": {}, "name": {}}
        shared: set[tuple[str, str]] = set()
        for customer, person in self._people.items():
            for field, value in (("email", person.email), ("name", person.name)):
                folded = value.strip().casefold()
                if folded in self._by[field]:
                    shared.add((field, folded))
                self._by[field][folded] = customer
        for field, folded in shared | {("email", ""), ("name", "")}:
            self._by[field].pop(folded, None)
        self.matched = dict.fromkeys(MATCHED_BY, 0)
        self._found: dict[tuple[str, str, str], str] = {}
        self._names: dict[str, str] = {}

    def find(self, claim: Claim) -> str:
        key = claim.id, claim.email.strip().casefold(), claim.name.strip().casefold()
        if key not in self._found:
            self._found[key] = self._look_up(claim, *key)
        return self._found[key]

    def _look_up(self, claim: Claim, stripe_id: str, email: str, name: str) -> str:
        if stripe_id in self.known:
            self.matched["id"] += 1
            return stripe_id
        for field, value in (("email", email), ("name", name)):
            if (customer := self._by[field].get(value)) is not None:
                self.matched[field] += 1
                return customer
        who = claim.id or claim.email or claim.name
        self._names[who] = claim.name or claim.email or claim.id
        return who

    def name(self, customer: str) -> str:
        person = self._people.get(customer)
        return person.name if person else self._names.get(customer, customer)


@dataclass(frozen=True)
class _Convention:
    """What `ours` would be more (or less) by another convention, minor units by customer code."""

    cause: Cause
    minor: Ints


class _Standing:
    """Every customer at the end of one day: what is ours, and what other conventions would make of it."""

    def __init__(self, scene: Scene, day: date) -> None:
        self._scene = scene
        at = self._at = min(scene.end_of(day), scene.at)
        names = scene.ledger.spans.names["customer"]
        self._codes = {name: code for code, name in enumerate(names)}
        self._units = scene.book.scope.balance(at)
        self._minor = _in_minor(self._units)
        self.paying = {names[code] for code in np.flatnonzero(self._minor)}
        self._conventions = tuple(self._other_conventions())
        self._usage = self._billed_usage(period_of(day, "month", scene.zone))
        self._trials = {
            fact.customer
            for fact in scene.facts
            if fact.trial_start is not None
            and fact.trial_end is not None
            and fact.trial_start <= at < min(fact.trial_end, fact.ended or fact.trial_end)
        }

    def minor(self, customer: str) -> int:
        code = self._codes.get(customer)
        return 0 if code is None else int(self._minor[code])

    def explain(self, customer: str, difference: int, *, told: bool) -> dict[Cause, int]:
        """Minor units by cause; they add up to `difference`."""
        choices = [(c.cause, amount) for c in self._conventions if (amount := self._of(c.minor, customer))]
        if usage := self._usage.get(customer):
            choices.append(("usage", usage))
        for count in range(1, _MOST_CAUSES + 1):
            for chosen in combinations(choices, count):
                left = difference - sum(amount for _, amount in chosen)
                # Each of their amounts was rounded once, as each of ours.
                if abs(left) <= 1 and len({cause for cause, _ in chosen}) == count:
                    return _with_rounding(dict(chosen), left)
        if not told:
            return {"not in theirs": difference}
        if difference > 0 and customer in self._trials and self.minor(customer) == 0:
            return {"trial": difference}
        if self._is_tax(self.minor(customer), difference):
            return {"tax": difference}
        return {"unexplained": difference}

    def _of(self, minor: Ints, customer: str) -> int:
        code = self._codes.get(customer)
        return 0 if code is None else int(minor[code])

    def _other_conventions(self) -> Iterator[_Convention]:
        scene, at = self._scene, self._at
        spans, policy = scene.recorded, scene.policy
        here = spans.where((spans.start <= at) & (at < spans.end))
        worth = here.net_eqho if policy.repeating_coupons else here.net_stripe
        serving, asked = here.state != State.PAUSED, here.requested <= at
        counted = serving & ~asked if policy.churn_at == "requested" else serving

        def summed(amounts: Ints) -> Ints:
            units = np.zeros(len(self._units), dtype=np.int64)
            np.add.at(units, here.customer, amounts)
            # The difference of two rounded amounts is what a person sees, not the rounded difference.
            return _in_minor(self._units + units) - self._minor

        zero = np.zeros(len(here.start), dtype=np.int64)
        for other in (here.net_stripe, here.net_eqho, here.list_mrr):
            yield _Convention("coupon", summed(np.where(counted, other - worth, zero)))
        sign = 1 if policy.churn_at == "requested" else -1
        for amounts in (worth, here.net_stripe, here.net_eqho, here.list_mrr):
            timing = np.where(serving & asked & (here.requested < FAR), sign * amounts, zero)
            yield _Convention("cancel timing", summed(timing))
        for amounts in (worth, here.list_mrr):
            yield _Convention("paused", summed(np.where(~serving, amounts, zero)))
        late = counted & (here.state == State.PAST_DUE)
        yield _Convention("past due", summed(np.where(late, -worth, zero)))

    def _billed_usage(self, month: Period) -> Mapping[str, int]:
        billed: dict[str, int] = defaultdict(int)
        for usage in self._scene.ledger.usage:
            if usage.currency == self._scene.currency and month.start <= usage.at < month.end:
                billed[usage.customer] += usage.amount
        return billed

    @staticmethod
    def _is_tax(ours: int, difference: int) -> bool:
        """Whether theirs is ours and a whole percentage on top, to within the rounding."""
        if ours <= 0 or difference <= 0:
            return False
        return any(abs(Fraction(ours * rate, 100) - difference) <= Fraction(1, 2) for rate in _TAX_RATES)


def _with_rounding(parts: dict[Cause, int], left: int) -> dict[Cause, int]:
    """The unit that rounding leaves goes to the first part, so that the parts add up."""
    first = next(iter(parts))
    return parts | {first: parts[first] + left}


def _in_minor(units: Ints) -> Ints:
    """Rounded half to even, as `money.major` does."""
    whole, rest = np.divmod(units, MRR_SCALE)
    half = MRR_SCALE // 2
    rounded: Ints = whole + ((rest > half) | ((rest == half) & (whole % 2 == 1)))
    return rounded
