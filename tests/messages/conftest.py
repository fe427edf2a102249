from collections.abc import Iterator
from pathlib import Path

import pytest

from eqho.store.embedded import EmbeddedStore
from tests.services.sinks import HttpSink, SmtpSink, http_sink, smtp_sink


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "eqho.db")
    yield store
    store.close()


@pytest.fixture
def web() -> Iterator[HttpSink]:
    with http_sink() as sink:
        yield sink


@pytest.fixture
def mail() -> Iterator[SmtpSink]:
    with smtp_sink() as sink:
        yield sink
