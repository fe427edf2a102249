"""Questions put to hand-written ledgers, in dollars and UTC."""

from pathlib import Path
from zoneinfo import ZoneInfo

from eqho.ledger.build import Ledger
from eqho.metrics.entered import Inputs
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.products import parse

LINES = parse((Path(__file__).resolve().parents[2] / "eqho.toml").read_text(), "eqho.toml")


def scene_of(ledger: Ledger, product: str, at: int | None = None, policy: str = "eqho") -> Scene:
    """`at` None: the ledger's now."""
    return Scene(
        ledger,
        LINES,
        Inputs(),
        product,
        ledger.now if at is None else at,
        POLICIES[policy],
        "usd",
        ZoneInfo("UTC"),
    )
