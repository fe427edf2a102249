"""A store, a source of three customers, and a clock, fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eqho.refresh import job, look_builder, pipeline
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers, latest_build, published, schedule, service
from tests.services.plain_account import plain_account
from tests.tiers.rig import PassingTime, SmallSource, replica


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "eqho.db")
    yield store
    store.close()


@pytest.fixture
def source() -> SmallSource:
    return SmallSource(plain_account(3))


@pytest.fixture
def tiers(store: EmbeddedStore, source: SmallSource) -> Tiers:
    return replica(store, source)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PassingTime:
    passing = PassingTime()
    for module in (pipeline, look_builder, job, service, schedule, latest_build, published):
        monkeypatch.setattr(module, "time", passing)
    return passing
