"""What is kept from one build to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from eqho.billing.one_customer import Shared, unlike
from eqho.ledger.derive import Aside
from eqho.ledger.derived import Derived
from eqho.store.base import Print


class Kept(NamedTuple):
    """Beside a part: what it was derived from, and what else came of it."""

    print: Print
    aside: Aside

    def holds(self, print: Print, now: int) -> bool:
        return self.print == print and self.aside.at <= now < self.aside.until


@dataclass(frozen=True)
class State:
    """Never changed: a build that fails leaves the one before. `derived` may hold more than is `kept`."""

    shared: Shared
    kept: Mapping[str, Kept]
    derived: Derived

    def under(self, shared: Shared) -> "State":
        """Keeps the parts that say the same beside `shared`."""
        changed = unlike(self.shared, shared)
        if changed is None:
            return State(shared, {}, self.derived)
        kept = {name: each for name, each in self.kept.items() if each.aside.asked.isdisjoint(changed)}
        return State(shared, kept, self.derived)
