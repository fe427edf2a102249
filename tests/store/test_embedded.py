"""What is particular to the file: errors in words, and room on the disk."""

import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eqho.store.base import StoreError, StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from tests.store.conftest import Clock
from tests.store.samples import NOON, customer, mrr, snapshot

NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may write anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "deep" / "folder" / "eqho.db")
    assert store.database.read("pragma journal_mode") == [("wal",)]
    assert store.database.read("pragma synchronous") == [(2,)]
    assert store.database.read("pragma busy_timeout") == [(10_000,)]


def test_short_lived_threads_leave_no_open_files(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db")
    store.append_metrics([snapshot(7, NOON)])
    found: list[float | None] = []

    def read() -> None:
        found.append(mrr(store.latest_metrics("towpilot", "eqho")))

    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert found == [7] * 50
    assert len(os.listdir("/proc/self/fd")) - before < 3


def test_a_start_waits_for_another_process_that_makes_the_same_file(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "eqho.db", isolation_level=None, check_same_thread=False)
    other.execute("create table another (a)")
    other.execute("begin immediate")
    timer = threading.Timer(0.3, lambda: other.execute("commit"))
    timer.start()
    started = time.monotonic()
    EmbeddedStore(tmp_path / "eqho.db").close()
    assert 0.2 < time.monotonic() - started < 5
    timer.join()
    other.close()


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db")

    def write_half() -> None:
        with store.database.transaction():
            store.append_metrics([snapshot(1, NOON)])
            store.put_state("cursor", {"after": object()})

    with pytest.raises(StoreError, match="it holds a object"):
        write_half()
    assert store.count_metrics() == 0
    store.append_metrics([snapshot(2, NOON)])
    assert store.count_metrics() == 1


def test_expired_pages_leave_the_disk(tmp_path: Path, clock: Clock) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db", now=clock)
    store.put_page("old", [customer(1)])
    clock.advance(3600)
    store.put_page("new", [customer(2)])
    assert store.database.read("select cache_key from stripe_cache") == [("new",)]


def test_only_the_last_three_builds_stay_on_the_disk(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db")
    for number in range(1, 6):
        assert store.publish_build({}, bytes(number)) == number
    assert store.database.read("select generation from builds") == [(3,), (4,), (5,)]


class TestErrors:
    def test_not_a_database(self, tmp_path: Path) -> None:
        path = tmp_path / "eqho.db"
        path.write_bytes(b"This is not a database." * 500)
        with pytest.raises(StoreError, match=r"is damaged or not a database: restore it from a backup"):
            EmbeddedStore(path)

    def test_damaged_in_the_middle(self, tmp_path: Path) -> None:
        path = tmp_path / "eqho.db"
        store = EmbeddedStore(path)
        store.append_metrics([snapshot(1, NOON, filler="x" * 200_000)])
        store.close()
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xff" * (len(content) - 4096)
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"eqho\.db is damaged or not a database"):
            EmbeddedStore(path).latest_metrics("towpilot", "eqho")

    def test_the_folder_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match=r"cannot be created .* set EQHO_DATA_DIR to a folder"):
            EmbeddedStore(tmp_path / "file" / "eqho.db")

    def test_the_file_is_read_only(self) -> None:
        folder = Path(tempfile.mkdtemp())
        try:
            EmbeddedStore(folder / "eqho.db").close()
            (folder / "eqho.db").chmod(0o444)
            folder.chmod(0o555)
            with unprivileged(), pytest.raises(StoreError, match=r"cannot be written: give the user"):
                EmbeddedStore(folder / "eqho.db")
        finally:
            folder.chmod(0o755)
            shutil.rmtree(folder)

    def test_locked_by_another_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("eqho.store.sqlite._BUSY_SECONDS", 0.1)
        store = EmbeddedStore(tmp_path / "eqho.db")
        other = sqlite3.connect(tmp_path / "eqho.db", isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(StoreUnavailable, match=r"has been locked for"):
            store.append_metrics([snapshot(1, NOON)])
        assert store.count_metrics() == 0
        other.execute("rollback")
        other.close()
        store.append_metrics([snapshot(1, NOON)])
        assert store.count_metrics() == 1
