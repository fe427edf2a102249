"""From a ledger to a published build: what it says of each product, checked before anybody sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eqho.history.evidence import lacks, unread_kinds
from eqho.issues import Issue
from eqho.ledger.build import Ledger
from eqho.ledger.tables import pack
from eqho.metrics.entered import Inputs
from eqho.metrics.identities import violations
from eqho.metrics.other_currencies import apart
from eqho.metrics.panel import ledger_currency
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.metrics.today_only import without_invoices
from eqho.products import ALL, ProductLines
from eqho.refresh.made_with import made_with
from eqho.store.base import Document, Lease, Store
from eqho.sync import Owner


class UnsoundBuild(Exception):
    """The numbers contradict each other: they are not published."""


@dataclass(frozen=True)
class Conventions:
    """What the settings say about counting. `currency` None: the one most items are billed in.

    `customer_url`: what stands before a customer's id in Stripe's dashboard, "" where there is none.
    """

    zone: ZoneInfo
    currency: str | None
    policy: str
    merge_gap_days: int
    customer_url: str = ""

    @property
    def of_ledger(self) -> tuple[int, str]:
        """What a ledger is labelled with."""
        return self.merge_gap_days, self.customer_url


class Made(NamedTuple):
    """What a mirror makes, before it is published. `scenes` by product."""

    ledger: Ledger
    currency: str
    issues: tuple[Issue, ...]
    scenes: dict[str, Scene]


class Publisher:
    """`owner` tells whose data is published."""

    def __init__(self, store: Store, lines: ProductLines, conventions: Conventions, owner: Owner) -> None:
        self._store, self._lines = store, lines
        self._conventions, self._owner = conventions, owner
        self.made_with = made_with(lines, conventions.currency, *conventions.of_ledger)

    def make(self, ledger: Ledger, issues: Sequence[Issue], unread: Sequence[Issue], inputs: Inputs) -> Made:
        """Raises UnsoundBuild."""
        currency = self._conventions.currency or ledger_currency(ledger.spans)
        company = self.company(ledger, currency, inputs, unread_kinds(issues), without_invoices(issues))
        wrong = violations(company)
        if wrong:
            raise UnsoundBuild(
                f"The new figures contradict themselves ({wrong[0]}): the last good ones stay."
            )
        found = (*issues, *unread, *ledger.issues, *apart(company))
        scenes = {ALL: company, **{product: company.of(product) for product in self._lines.keys}}
        return Made(ledger, currency, found, scenes)

    def publish(
        self,
        made: Made,
        refreshed_at: int,
        lease: Lease,
        told_from: int | None = None,
        mark: Document | None = None,
    ) -> int:
        """Its generation. `told_from`: of a first look, from when on it tells the past. `mark`: whose data it
        is, the owner's unless said otherwise. Raises StoreError."""
        meta = {
            **(mark or self._owner.mark()),
            "made_with": self.made_with,
            "currency": made.currency,
            "now": made.ledger.now,
            "refreshed_at": refreshed_at,
            "issues": [[issue.code, issue.message, list(issue.subjects)] for issue in made.issues],
            "lacks": sorted(lacks(made.issues)),
            "provisional": told_from is not None,
            "told_from": told_from,
        }
        return self._store.publish_build(meta, pack(made.ledger), lease)

    def company(
        self, ledger: Ledger, currency: str, inputs: Inputs, unread: frozenset[str], untold: str = ""
    ) -> Scene:
        """All products at the ledger's now, under the default policy."""
        policy, zone = POLICIES[self._conventions.policy], self._conventions.zone
        return Scene(
            ledger, self._lines, inputs, ALL, ledger.now, policy, currency, zone, untold, unread=unread
        )
