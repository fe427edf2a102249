"""What a mirror tells of the past, as a build would publish it at an instant."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from eqho.billing.normalise import read_account
from eqho.ledger.build import build_ledger
from eqho.metrics.entered import Inputs
from eqho.metrics.movements import Movement, movements
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.periods import period_of
from eqho.products import ALL
from eqho.sources.base import KINDS
from eqho.store.base import Store
from tests.tiers.rig import LINES

REMEMBERED = frozenset(("product", "price", "coupon", "customer"))
ZONE = ZoneInfo("UTC")


def told(store: Store, now: int) -> Scene:
    bodies = {kind: store.objects(kind, with_deleted=kind in REMEMBERED) for kind in KINDS}
    account, _ = read_account({**bodies, "event": store.events()})
    return Scene(build_ledger(account, LINES, now), LINES, Inputs(), ALL, now, POLICIES["eqho"], "usd", ZONE)


def mrr_at(scene: Scene, at: int) -> float:
    """Dollars at an instant."""
    spans = scene.spans
    standing = (spans.start <= at) & (spans.end > at)
    return scene.money(int(spans.net_eqho[standing].sum()))


def month(scene: Scene, day: str) -> Movement:
    """The movement of the month a day lies in."""
    return movements(scene.book, [period_of(date.fromisoformat(day), "month", ZONE)], scene.at)[0]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
