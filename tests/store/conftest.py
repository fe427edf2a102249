"""Every store the contract holds for, opened as often as a test needs over the same data."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eqho.store.base import Store
from eqho.store.documents import utc_now
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.store.spooled import SpooledStore

BACKENDS = ("embedded", "mongodb", "spooled")


class Clock:
    """The time of day of the stores under test, which only moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Opener:
    """`place` is what a process needs to open the same store: kind, path or URL, database name."""

    def __init__(self, *place: str) -> None:
        self.place = place
        self._opened: list[Store] = []

    def __call__(self, now: Callable[[], datetime] = utc_now) -> Store:
        store = open_place(*self.place, now=now)
        self._opened.append(store)
        return store

    def close(self) -> None:
        for store in self._opened:
            store.close()


def open_place(
    kind: str, folder: str, url: str = "", database: str = "", *, now: Callable[[], datetime] = utc_now
) -> Store:
    if kind == "embedded":
        return EmbeddedStore(Path(folder) / "eqho.db", now=now)
    primary = MongoStore(url, database, now=now)
    if kind == "mongodb":
        return primary
    return SpooledStore(primary, EmbeddedStore(Path(folder) / "spool.db"))


@pytest.fixture(params=BACKENDS)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    place = [request.param, str(tmp_path)]
    if request.param != "embedded":
        place += request.getfixturevalue("mongo_database")
    opener = Opener(*place)
    yield opener
    opener.close()


@pytest.fixture
def store(opener: Opener) -> Store:
    return opener()


@pytest.fixture
def clock() -> Clock:
    return Clock()
