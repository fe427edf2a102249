"""Mirrors of random companies as they stood at one instant after another, in any API shape, with what a sync
may do to them besides: late events, objects that come back older, deletions, live objects among test ones."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from eqho.billing.normalise import read_account
from eqho.billing.owners import TELLING_EVENTS
from eqho.issues import gather
from eqho.ledger.build import build_ledger, label
from eqho.ledger.labels import Labels
from eqho.ledger.tables import pack
from eqho.products import ProductLines, parse
from eqho.refresh.parts import REMEMBERED, Joined
from eqho.sources.base import KINDS
from eqho.store.base import Store
from eqho.stripe_simulator.calendar import DAY
from eqho.sync.sightings import note_sightings
from tests.ledger.comparison import SHAPES, Bodies, Written
from tests.ledger.random_company import RandomCompany

Raw = dict[str, Any]

_CONFIGURATION = """
[[product_lines]]
key = "towpilot"
name = "TowPilot"
words = ["tow", "{word}"]
[[product_lines]]
key = "second"
name = "Second"
prices = ["{price}"]
[exclusions]
customers = ["{customer}"]
"""


class Settings(NamedTuple):
    lines: ProductLines
    merge_gap_days: int


class Company:
    """Lives on in the simulator while its mirror in `store` follows, more or less."""

    def __init__(self, seed: int, store: Store) -> None:
        self.dice = Random(seed)
        self._company = RandomCompany(seed, customers=self.dice.randint(1, 5))
        self._shape = self.dice.choice(SHAPES)
        self._store = store
        self._noted = self.dice.random() < 0.5
        self._mirrored: Bodies = {}
        self.now = self._company.now
        self.settings = self._configured()

    def follow(self) -> None:
        """The company goes on for a while, and the mirror is brought up to date, in part at least."""
        company = self._company
        company.now += self.dice.randint(0, 45) * DAY
        while company.sim.now < company.now:
            company._wait()
            company._act()
        self.now = max(self.now, company.sim.now)
        bodies = Written(company.sim.account, [self._shape]).bodies(self._shape)
        for kind in KINDS:
            self._follow(kind, {body["id"]: body for body in bodies[kind]})
        late = self.dice.random() < 0.4
        self._store.put_events(e for e in bodies["event"] if not late or self.dice.random() < 0.8)

    def step(self) -> str:
        """One change of any kind; its name."""
        change = self.dice.choice(
            (self.follow, self._wait, self._touch, self._bury, self._turn_live, self._settle, self._price)
        )
        change()
        return change.__name__

    def _follow(self, kind: str, found: dict[str, Raw]) -> None:
        at = datetime.fromtimestamp(self.now, UTC)
        changed = [body for body in found.values() if self._known(kind).get(body["id"]) != body]
        if self._noted:
            note_sightings(self._store, kind, changed, at)
        self._store.put_objects(kind, changed, "x", at)
        self._store.bury_objects(kind, self._store.object_ids(kind) - found.keys(), at)
        self._mirrored[kind] = list(found.values())

    def _known(self, kind: str) -> dict[str, Raw]:
        return {body["id"]: body for body in self._mirrored.get(kind, ())}

    def _wait(self) -> None:
        """Seconds, hours or weeks in which nothing is heard; now and then the clock is set back."""
        self.now += self.dice.choice((1, 59, 3_599, 3_600, 86_400, 7 * DAY, 40 * DAY, -1, -3_600))

    def _touch(self) -> None:
        """One object says something else, or is cut, or what it names is unknown."""
        kind, body = self._any()
        changed = deepcopy(body)
        match self.dice.randrange(5):
            case 0 if isinstance(changed.get("created"), int):
                changed["created"] += self.dice.choice((-DAY, -1, 1, DAY))
            case 1:
                changed["currency"] = self.dice.choice(("usd", "eur", "xxx"))
            case 2 if kind == "subscription":
                changed["status"] = self.dice.choice(("active", "past_due", "canceled", "unpaid", "paused"))
            case 3:
                changed["metadata"] = {"tag": self.dice.choice(("tow", "second", "other", ""))}
            case _:
                del changed[self.dice.choice([key for key in changed if key != "id"])]
        self._put(kind, changed)

    def _bury(self) -> None:
        kind, body = self._any()
        self._store.bury_objects(kind, [body["id"]], datetime.fromtimestamp(self.now, UTC))

    def _turn_live(self) -> None:
        kind, body = self._any()
        self._put(kind, body | {"livemode": self.dice.random() < 0.7})

    def _price(self) -> None:
        """A price is dearer, or tells its tiers no longer."""
        body = self.dice.choice(self._mirrored["price"])
        amount = self.dice.randint(1, 90_000)
        dearer = {"unit_amount": amount, "unit_amount_decimal": str(amount)}
        untold = {"unit_amount": None, "unit_amount_decimal": None, "tiers": None, "billing_scheme": "tiered"}
        self._put("price", body | self.dice.choice((dearer, untold, {"nickname": f"at {amount}"})))

    def _settle(self) -> None:
        self.settings = self._configured()

    def _configured(self) -> Settings:
        names = {kind: [b["id"] for b in self._mirrored.get(kind, ())] or ["-"] for kind in KINDS}
        text = _CONFIGURATION.format(
            word=self.dice.choice(("fleet", "pilot", "seat")),
            price=self.dice.choice(names["price"]),
            customer=self.dice.choice(names["customer"]),
        )
        return Settings(parse(text, "eqho.toml"), self.dice.choice((0, 1, 30)))

    def _any(self) -> tuple[str, Raw]:
        kinds = [kind for kind in KINDS if self._mirrored.get(kind)]
        kind = self.dice.choice(kinds)
        return kind, self.dice.choice(self._mirrored[kind])

    def _put(self, kind: str, body: Raw) -> None:
        self._store.put_objects(kind, [body], "x", datetime.fromtimestamp(self.now, UTC))


def labelled(joined: Joined, company: Company, labels: Labels | None = None) -> tuple[bytes, object]:
    """The bytes of a build by parts, and what could not be read. `labels`: kept from the builds before."""
    lines, days = company.settings
    ledger = label(joined.derived, joined.goods, labels or Labels(lines), company.now, days)
    return pack(ledger), joined.left_out


def from_nothing(store: Store, company: Company) -> tuple[bytes, object]:
    """The same of all objects read and built at once."""
    bodies: dict[str, Iterator[Raw]] = {
        kind: store.objects(kind, with_deleted=kind in REMEMBERED) for kind in KINDS
    }
    account, issues = read_account(bodies | {"event": store.events(families=TELLING_EVENTS)})
    lines, days = company.settings
    found = sorted((i.code, i.message, subject) for i in issues for subject in i.subjects)
    return pack(build_ledger(account, lines, company.now, days)), gather(found)
