"""The demo company as a Supabase project would hold it, and the ledger that a source gives."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from eqho.billing.normalise import read_account
from eqho.issues import Issue
from eqho.ledger.build import Ledger, build_ledger
from eqho.sources.base import KINDS, Raw, Source, pages
from eqho.sources.demo import DemoSource
from eqho.sources.demo.company import demo_account
from eqho.sources.supabase import SupabaseSource
from eqho.store.embedded import EmbeddedStore
from eqho.sync import Sync, SyncResult
from tests.services.plain_account import NOW
from tests.services.supabase_project import Project, key
from tests.tiers.rig import LINES

TODAY = datetime.fromtimestamp(NOW, UTC).date()
ENDED = ("canceled", "incomplete_expired")


@cache
def company() -> dict[str, list[Raw]]:
    """The demo company's objects by kind, as Stripe's API gives them to this dashboard."""
    source = DemoSource(lambda: NOW)
    return {kind: [body for page in pages(source, kind, NOW + 1) for body in page.objects] for kind in KINDS}


@cache
def from_stripe(without: frozenset[str] = frozenset()) -> Ledger:
    """`without` what is of these customers."""
    return _ledger({kind: bodies for kind, bodies in company().items() if kind != "invoiceitem"}, without)[0]


def _ledger(bodies: Mapping[str, Iterable[Raw]], without: Collection[str]) -> tuple[Ledger, list[Issue]]:
    kept = {
        kind: [b for b in found if b["id"] not in without and b.get("customer") not in without]
        for kind, found in bodies.items()
    }
    account, unread = read_account(kept)
    return build_ledger(account, LINES, NOW), unread


def month_ends(months: int = 36) -> list[date]:
    """The last days of so many months before this one, oldest first."""
    found = [TODAY.replace(day=1) - timedelta(days=1)]
    while len(found) < months:
        found.append(found[-1].replace(day=1) - timedelta(days=1))
    return found[::-1]


@cache
def company_as_stored() -> dict[str, list[Raw]]:
    """The same, as the managed engine asks for it: no coupons, no tiers, discounts by their ids."""
    account = demo_account(NOW)
    found = {kind: list(account.every(kind)) for kind in KINDS if kind not in ("coupon", "invoiceitem")}
    found["subscription"] = list(account.every("subscription", status="all"))
    return found | {"coupon": []}


def for_some_products(subscription: Raw) -> bool:
    """Whether a discount of it is of a coupon that applies to some products only."""
    narrow = {body["id"] for body in company()["coupon"] if (body.get("applies_to") or {}).get("products")}
    held = (discount["source"]["coupon"] for discount in subscription["discounts"])
    return any((coupon if isinstance(coupon, str) else coupon["id"]) in narrow for coupon in held)


class Rig:
    """A store and a sync over a source."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source = source
        self.store = EmbeddedStore(folder / "eqho.db")
        self.now = NOW
        self.sync = Sync(source, self.store, lambda: self.now)

    def run(self, *, full: bool = False) -> SyncResult:
        return self.sync.run(full=full)

    def ledger(self, without: Collection[str] = ()) -> tuple[Ledger, list[Issue]]:
        """`without` what is of these customers."""
        remembered = ("product", "price", "coupon", "customer")
        return _ledger(
            {kind: self.store.objects(kind, with_deleted=kind in remembered) for kind in KINDS}, without
        )


def source_of(project: Project, role: str = "service_role") -> SupabaseSource:
    return SupabaseSource(project.url, key(role), clock=lambda: NOW)


def of_each(ledger: Ledger, at: int = NOW) -> dict[str, int]:
    """By subscription, in micro-units after discounts; without those worth nothing."""
    spans = ledger.spans
    found: Counter[str] = Counter()
    for i in ((spans.start <= at) & (spans.end > at)).nonzero()[0]:
        found[spans.names["subscription"][spans.subscription[i]]] += int(spans.net_eqho[i])
    return {name: value for name, value in found.items() if value}


def mrr(ledger: Ledger, at: int = NOW) -> int:
    """Of everything in service at the instant, in micro-units after discounts."""
    spans = ledger.spans
    return int(spans.net_eqho[(spans.start <= at) & (spans.end > at)].sum())
