"""The parts of the ledger, kept from one build to the next: only what changed is derived again."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from eqho.billing.billed_tiers import Billings, by_price, latest
from eqho.billing.normalise import Common
from eqho.billing.one_customer import read_shared
from eqho.billing.owners import SHARED_KINDS
from eqho.billing.reading import Tally
from eqho.billing.wire import Body
from eqho.issues import Issue, gather
from eqho.ledger.build import Goods
from eqho.ledger.derive import derive
from eqho.ledger.derived import Derived
from eqho.periods import FAR
from eqho.refresh.kept import Kept, State
from eqho.refresh.stored_parts import Saved, StoredParts
from eqho.store.base import Print, Prints, Store, StoreError
from eqho.store.documents import is_bson, unpack

log = logging.getLogger("eqho.refresh")

REMEMBERED = frozenset(("product", "price", "coupon", "customer"))
"""History still needs those that were deleted since."""
_TOGETHER = 200
"""Customers whose objects are in memory at once."""
_WORTH_SAVING = 20
"""All parts are stored when one in so many was derived since."""
_SHARED = SHARED_KINDS | {"subscription", "subscription_schedule", "event"}
"""Kinds that concern more than one customer where they are no customer's."""


class Unopened:
    """Documents as they are stored: what is JSON is opened by who reads it, straight into what it is read as.
    `on_read` is called with each whenever they are gone through."""

    def __init__(self, on_read: Callable[[], None] = lambda: None) -> None:
        self.packed: list[bytes] = []
        self._on_read = on_read

    def __iter__(self) -> Iterator[Body]:
        for each in self.packed:
            self._on_read()
            yield unpack(each) if is_bson(each) else each


class Joined(NamedTuple):
    """What a ledger is labelled from, of a mirror with these `prints`. `left_out`: what of it could not be
    read. `named`: the first instant to come that an object names. `anew` customers were derived again."""

    derived: Derived
    goods: Goods
    left_out: list[Issue]
    named: int
    prints: Prints
    anew: int

    @property
    def most_anew(self) -> bool:
        return 2 * self.anew > len(self.derived.rests)


Watch = Callable[[int], Callable[[], None]]
"""Told how many objects will be read, it says what to call with each."""


class Parts:
    """Of the mirror in `store`. A part holds as long as the prints of what it was derived from are the same,
    and time changes nothing; with everything that is shared they are all derived again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._state: State | None = None
        self._prints: Prints | None = None
        self._shared_print: Mapping[str, Print] | None = None
        self._stored = StoredParts(store)
        self._unsaved = 0
        """How many parts were derived since they were stored."""

    def join(self, now: int, watch: Watch = lambda objects: lambda: None) -> Joined:
        """Raises StoreError; what was kept stays then."""
        # Read before the objects: what is written in between is derived again the next time.
        prints = self._prints = self._store.prints(self._prints)
        shared_print = {kind: each for kind, each in prints.others.items() if kind in _SHARED}
        own = {**prints.customers, "": _nobodys(prints.others)}
        state = self._state or self._from_store(shared_print)
        if state is None:
            state = State(read_shared(self._shared_bodies()), {}, Derived.of(()))
        elif self._shared_print != shared_print:
            state = state.under(read_shared(self._shared_bodies(), state.shared.common))
        state, stale = self._updated(state, own, now, watch)
        anew = set(stale)
        # What a customer adds to what all have in common does not depend on that: it settles at once.
        while (common := (asides := _Asides(state)).common()) != state.shared.common:
            state = state.under(read_shared(self._shared_bodies(), common))
            state, stale = self._updated(state, own, now, watch)
            anew.update(stale)
        self._state, self._shared_print = state, shared_print
        self._unsaved += len(anew)
        log.info("derived the parts of %d of %d customers", len(anew), len(state.kept))
        return asides.joined(state, prints, len(anew))

    def save(self) -> None:
        """Where many parts were derived: so much a restart need not derive again."""
        state, shared_print = self._state, self._shared_print
        if state is None or shared_print is None or self._unsaved * _WORTH_SAVING < len(state.kept):
            return
        try:
            self._stored.save(Saved(shared_print, state.shared.common, state.kept, state.derived))
        except StoreError as error:
            log.info("the parts are not stored: %s", error)
        else:
            self._unsaved = 0

    def _from_store(self, shared_print: Mapping[str, Print]) -> State | None:
        """What was stored, by whatever process: each of its parts holds or not as one that was kept here."""
        try:
            saved = self._stored.load()
        except StoreError as error:
            log.info("no stored parts are read: %s", error)
            return None
        if saved is None or saved.shared_print != shared_print:
            return None
        self._shared_print = shared_print
        shared = read_shared(self._shared_bodies(), saved.common)
        return State(shared, saved.kept, saved.derived)

    def _updated(
        self, state: State, prints: Mapping[str, Print], now: int, watch: Watch
    ) -> tuple[State, list[str]]:
        """With what is no longer kept derived again; whose that was."""
        kept = dict(state.kept)
        gone = (kept.keys() - prints.keys()) | (state.derived.rests.keys() - prints.keys())
        for name in gone:
            kept.pop(name, None)
        stale = sorted(
            name
            for name, print in prints.items()
            if (each := kept.get(name)) is None or not each.holds(print, now)
        )
        if not stale and not gone:
            return state, stale
        on_read = watch(sum(sum(prints[name][::3]) for name in stale))
        new: list[Derived] = []
        for names in _batches(stale, _TOGETHER):
            derivations = [
                (name, derive(bodies, state.shared, now)) for name, bodies in self._bodies(names, on_read)
            ]
            kept |= {name: Kept(prints[name], found.aside) for name, found in derivations}
            new.append(Derived.of(part for _, found in derivations for part in found.parts))
        derived = state.derived.replaced({*stale, *gone}, new)
        return State(state.shared, kept, derived), stale

    def _bodies(
        self, customers: Sequence[str], on_read: Callable[[], None]
    ) -> Iterator[tuple[str, Mapping[str, Unopened]]]:
        found: dict[str, dict[str, Unopened]] = {name: {} for name in customers}
        for owned in self._store.owned(customers, REMEMBERED):
            if owned.customer or owned.kind not in _SHARED:
                found[owned.customer].setdefault(owned.kind, Unopened(on_read)).packed.append(owned.packed)
        # What is read of one is let go before the next.
        return ((name, found.pop(name)) for name in customers)

    def _shared_bodies(self) -> Mapping[str, Unopened]:
        found: dict[str, Unopened] = {}
        for owned in self._store.owned([""], REMEMBERED):
            if owned.kind in _SHARED:
                found.setdefault(owned.kind, Unopened()).packed.append(owned.packed)
        return found


def _nobodys(others: Mapping[str, Print]) -> Print:
    """Refunds, and whatever else says nothing of its customer."""
    return tuple(n for kind in sorted(others.keys() - _SHARED) for n in others[kind])


class _Asides:
    """What all customers together tell, beside their parts."""

    def __init__(self, state: State) -> None:
        self._shared = state.shared
        self._tallies, self._billings = [state.shared.tally], list[Billings]()
        self._nicknames: dict[str, str] = {}
        left_out = set(state.shared.left_out)
        named = FAR
        for _, aside in state.kept.values():
            self._tallies.append(aside.tally)
            if aside.billings:
                self._billings.append(aside.billings)
            if aside.nicknames:
                self._nicknames.update(aside.nicknames)
            if aside.left_out:
                left_out |= aside.left_out
            named = min(named, aside.named)
        self.left_out, self.named = left_out, named

    def common(self) -> Common:
        """What each is derived from."""
        return Common(Tally.of(self._tallies).fewer_live, by_price(latest(self._billings)))

    def joined(self, state: State, prints: Prints, anew: int) -> Joined:
        own = {price.id: price.nickname for price in self._shared.prices.values() if price.nickname}
        goods = Goods(self._shared.products, self._nicknames | own)
        return Joined(state.derived, goods, gather(sorted(self.left_out)), self.named, prints, anew)


def _batches(names: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, size)):
        yield batch
