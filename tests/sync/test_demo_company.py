"""The demo company over HTTP arrives as it is generated: what the demo source shows, Stripe would show."""

from pathlib import Path
from typing import Any

from eqho.sources.base import KINDS
from eqho.sources.demo import DemoSource
from eqho.sources.demo.company import demo_account
from eqho.store.embedded import EmbeddedStore
from eqho.sync import Sync
from tests.services.plain_account import NOW
from tests.sync.rig import mirror, rig


def fractions_as_text(value: Any) -> Any:
    """The one difference: numbers with a fraction come over HTTP as exact strings."""
    if isinstance(value, dict):
        return {key: fractions_as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [fractions_as_text(inner) for inner in value]
    return str(value) if isinstance(value, float) else value


def test_both_ways_lead_to_the_same_mirror(tmp_path: Path) -> None:
    demo = EmbeddedStore(tmp_path / "demo.db")
    result = Sync(DemoSource(lambda: NOW), demo, lambda: NOW).run()
    assert result.requests == 0
    with rig(demo_account(NOW), tmp_path, now=NOW) as r:
        r.run()
        over_http, directly = mirror(r.store), mirror(demo)
        for kind in KINDS:
            assert over_http[kind] == fractions_as_text(directly[kind])
        assert r.run(after=900).requests == 1
    assert len(directly["customer"]) > 100
    demo.close()
