"""Fixtures that more than one package of tests needs."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from hypothesis import settings
from playwright.sync_api import Browser
from pymongo import MongoClient

from eqho.refresh import first_look
from eqho.stripe_simulator.account import StripeAccount
from tests.services.chromium import running_chromium
from tests.services.mongod import Mongod
from tests.services.postgres import Postgres
from tests.services.supabase_project import OpenProject, Project, find_postgrest, supabase_project
from tests.services.upstreams import Upstream, stripe_upstream, supabase_upstream

# As in dashboard.py: threads for tiny matrices only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("without_deadline", parent=settings(), deadline=None)
settings.load_profile("without_deadline")


class MongoDatabase(NamedTuple):
    url: str
    name: str


# Folders whose tests start servers, browsers or threads: on a machine that is busy one of them may miss its
# moment, so it is tried once more and listed as rerun. What computes only must pass at once.
_REAL_SERVERS = {
    "acceptance",
    "api",
    "browser",
    "hostile",
    "refresh",
    "services",
    "sources",
    "store",
    "sync",
    "tiers",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in _REAL_SERVERS:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for the whole run, whoever looks through it."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def mongod_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server of MONGODB_URL, or one of our own for the whole session."""
    given = os.environ.get("MONGODB_URL")
    if given:
        yield given
        return
    server = Mongod(tmp_path_factory.mktemp("mongod")).start()
    yield server.url
    server.stop()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine as on a fast one, a pull shows something before its end only where a test asks."""
    monkeypatch.setattr(first_look, "PATIENCE", 600.0)


@pytest.fixture
def mongo_database(mongod_url: str) -> Iterator[MongoDatabase]:
    """A database of its own for one test."""
    database = MongoDatabase(mongod_url, f"eqho_test_{uuid4().hex[:12]}")
    yield database
    client: MongoClient[dict[str, Any]] = MongoClient(mongod_url)
    with client:
        client.drop_database(database.name)


@pytest.fixture
def own_mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A server that the test may kill and start again."""
    server = Mongod(tmp_path_factory.mktemp("own_mongod")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One for all tests that ask, each for databases of its own."""
    find_postgrest()
    server = Postgres()
    try:
        yield server.start()
    finally:
        server.stop()


_PROJECTS = itertools.count(1)


@pytest.fixture
def project(postgres: Postgres, tmp_path: Path) -> Iterator[OpenProject]:
    """Opens a Supabase project over tables made by the given SQL, or a copy of the database `template`;
    `schemas` are those the Data API serves."""
    with contextlib.ExitStack() as stack:

        def open_(sql: str, schemas: str = "public,stripe", template: str = "template1") -> Project:
            name = f"project_{next(_PROJECTS)}"
            return stack.enter_context(supabase_project(postgres, name, sql, tmp_path, schemas, template))

        yield open_


@pytest.fixture(params=["stripe", "supabase"])
def upstream(request: pytest.FixtureRequest, account: StripeAccount) -> Iterator[Upstream]:
    """Each source in turn, over what the test's own fixture `account` holds."""
    if request.param == "stripe":
        with stripe_upstream(account) as stripe:
            yield stripe
    else:
        yield supabase_upstream(request.getfixturevalue("project"), account)
