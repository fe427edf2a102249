"""A damaged file is moved aside, said, and what of it can be read is kept."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eqho.issues import STORE_DAMAGED
from eqho.store.base import StoreError
from eqho.store.damage import moved_aside, open_embedded
from eqho.store.sqlite import marker
from tests.store.samples import NOON, snapshot

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROWS = [{"month": f"2026-{month:02}", "amount": month} for month in range(1, 11)]


def filled(path: Path) -> None:
    store = open_embedded(path, now=lambda: NOW)
    store.replace_inputs("spend", ROWS, 0)
    store.append_metrics([snapshot(day, NOON, filler="x" * 3_000) for day in range(1, 60)])
    store.close()


def test_a_file_that_is_no_database_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "eqho.db"
    path.write_bytes(b"This is not a database." * 500)
    store = open_embedded(path, now=lambda: NOW)
    assert store.inputs("spend") == []
    aside = tmp_path / "eqho.db.damaged-20261122T120000Z"
    assert aside.read_bytes().startswith(b"This is not")
    (notice,) = moved_aside(tmp_path)
    assert (notice.code, notice.subjects) == (STORE_DAMAGED, (aside.name,))
    assert "2026-11-22" in notice.message


def test_a_page_damaged_while_it_runs_is_found_at_the_next_start_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "eqho.db"
    filled(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(content)
    store = open_embedded(path, now=lambda: NOW)
    with pytest.raises(StoreError, match="moved aside"):
        store.database.read("select document from metrics")
    store.close()
    assert marker(path).exists()
    store = open_embedded(path, now=lambda: NOW)
    assert store.inputs("spend") == ROWS
    assert 40 <= store.count_metrics() < 59
    assert store.input_changes("spend")
    assert moved_aside(tmp_path)
    assert not marker(path).exists()


def test_a_suspicion_that_does_not_hold_moves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "eqho.db"
    filled(path)
    marker(path).touch()
    store = open_embedded(path, now=lambda: NOW)
    assert store.count_metrics() == 59
    assert not marker(path).exists()
    assert moved_aside(tmp_path) == ()


@pytest.mark.parametrize("seed", range(20))
def test_bytes_changed_anywhere_never_stop_the_second_start(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "eqho.db"
    filled(path)
    dice = random.Random(seed)
    content = bytearray(path.read_bytes())
    at = dice.randrange(len(content))
    content[at : at + 5_000] = dice.randbytes(min(5_000, len(content) - at))
    path.write_bytes(content)
    for _ in range(2):
        try:
            store = open_embedded(path, now=lambda: NOW)
            store.inputs("spend")
            list(store.metrics_between("towpilot", "eqho", datetime(2020, 1, 1, tzinfo=UTC), NOW))
            store.append_metrics([snapshot(0, NOON)])
        except StoreError:
            continue
        store.close()
    store = open_embedded(path, now=lambda: NOW)
    store.append_metrics([snapshot(1, NOON)])
    assert store.count_metrics() >= 1
