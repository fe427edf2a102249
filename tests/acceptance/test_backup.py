"""A backup taken while figures are refreshed, restored elsewhere: the same numbers and frozen months."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import of_stripe
from tests.acceptance.dashboard import KEY, ROOT, Dashboard
from tests.acceptance.test_tiers_from_outside import becomes, told
from tests.conftest import MongoDatabase
from tests.services.plain_account import plain_account
from tests.services.stripe_server import StripeServer, stripe_server

SPEND = [{"month": "2026-10", "category": "Paid ads", "amount": 1200.5, "currency": "USD", "product": None}]


@pytest.fixture
def account() -> StripeAccount:
    return plain_account(40)


@pytest.fixture
def stripe(account: StripeAccount) -> Iterator[StripeServer]:
    with stripe_server(account, KEY) as server:
        yield server


@pytest.mark.parametrize("kind", ["embedded", "mongodb"])
def test_backup_under_load_and_restore_elsewhere(
    stripe: StripeServer, tmp_path: Path, mongo_database: MongoDatabase, kind: str
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    stores = [
        {"MONGODB_URL": mongo_database.url, "MONGODB_DATABASE": name} if kind == "mongodb" else {}
        for name in (mongo_database.name, f"{mongo_database.name}_restored")
    ]
    file = tmp_path / "eqho.backup"
    with Dashboard(first, **of_stripe(stripe), **stores[0]) as dashboard:
        assert told(dashboard)[0] == 4_000.0
        # Months are frozen when nobody asks for a while.
        becomes(True, lambda: bool(frozen(dashboard)), 120)
        dashboard.put("spend", SPEND)
        stop = threading.Event()
        load = threading.Thread(target=lambda: refreshing(dashboard, stop))
        load.start()
        try:
            made = backup("create", file, dashboard)
        finally:
            stop.set()
            load.join()
        expected = figures(dashboard)
    assert made.returncode == 0, made.stderr
    stripe.stop()
    restored = Dashboard(second, **of_stripe(stripe), **stores[1])
    done = backup("restore", file, restored)
    assert done.returncode == 0, done.stderr
    again = backup("restore", file, restored)
    assert again.returncode == 1
    assert "move it away" in again.stderr or "is not empty" in again.stderr
    with restored:
        assert figures(restored) == expected
    if kind == "mongodb":
        with MongoClient[dict[str, Any]](mongo_database.url) as client:
            client.drop_database(f"{mongo_database.name}_restored")


def refreshing(dashboard: Dashboard, stop: threading.Event) -> None:
    while not stop.is_set():
        dashboard.refresh()


def figures(dashboard: Dashboard) -> Any:
    return [
        dashboard.get("history/towpilot", metrics="mrr,customers")["points"],
        frozen(dashboard),
        dashboard.get("spend"),
    ]


def frozen(dashboard: Dashboard) -> list[Any]:
    points: list[Any] = dashboard.get("history/towpilot", basis="snapshot")["points"]
    return points[:-1]


def backup(what: str, file: Path, dashboard: Dashboard) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "eqho.store.backup", what, file],
        cwd=ROOT,
        env={**dashboard.settings, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_no_backup_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no backup")
    dashboard = Dashboard(tmp_path)
    refused = backup("restore", tmp_path / "file", dashboard)
    assert (refused.returncode, "is no backup of this dashboard" in refused.stderr) == (1, True)
    nothing = backup("create", tmp_path / "other", dashboard)
    assert "There is nothing to back up" in nothing.stderr
    assert [path.name for path in tmp_path.glob("other*")] == []
