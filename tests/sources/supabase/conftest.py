"""One PostgreSQL for all tests of the source, and a project of its own for each that asks."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.postgres import Postgres
from tests.services.supabase_project import Project, find_postgrest, supabase_project

NUMBERS = itertools.count(1)
Open = Callable[..., Project]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    find_postgrest()
    server = Postgres()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def project(postgres: Postgres, tmp_path: Path) -> Iterator[Open]:
    """Opens a project over tables made by the given SQL, or a copy of the database `template`; `schemas` are
    those the Data API serves."""
    with contextlib.ExitStack() as stack:

        def open_(sql: str, schemas: str = "public,stripe", template: str = "template1") -> Project:
            name = f"project_{next(NUMBERS)}"
            return stack.enter_context(supabase_project(postgres, name, sql, tmp_path, schemas, template))

        yield open_
