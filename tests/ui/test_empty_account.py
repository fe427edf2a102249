"""An account in which nothing was ever sold: no page draws a chart of years that nobody asked for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.ui import navigation
from tests.services.plain_account import plain_account
from tests.tiers.rig import SmallSource, replica

Visit = Callable[..., AppTest]
FILES = sorted(place.name for place in navigation.PAGES.glob("*.py") if place.name != "alerts.py")


@pytest.fixture
def tiers(tmp_path: Path) -> Iterator[Tiers]:
    store = EmbeddedStore(tmp_path / "empty.db")
    made = replica(store, SmallSource(plain_account(0, 0)))
    made.refresh(wait=True)
    yield made
    store.close()


def dates(value: Any) -> Iterator[str]:
    """Everything in a figure that reads like a day."""
    if isinstance(value, str) and len(value) >= 10 and value[:4].isdigit() and value[4] == "-":
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from dates(inner)


@pytest.mark.parametrize("file", FILES)
def test_no_chart_runs_from_the_year_2000(visit: Visit, file: str) -> None:
    app = visit(file)
    assert not app.exception
    for chart in app.get("plotly_chart"):
        figure = json.loads(chart.proto.spec)
        shown = [trace for trace in figure["data"] if dates_or_values(trace)]
        assert shown, f"{file} draws a figure of nothing, whose axes begin where plotly likes"
        assert all(int(day[:4]) >= 2023 for day in dates(figure["data"])), file


def dates_or_values(trace: Any) -> bool:
    found = trace.get("x"), trace.get("y"), trace.get("z")
    return any(bool(values) for values in found)
