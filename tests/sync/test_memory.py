"""The memory of a pull is that of the pages under way, however many there are."""

import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from eqho.issues import Issue
from eqho.sources.base import Page, Raw, SourceDenied
from eqho.store.embedded import EmbeddedStore
from eqho.sync import Sync
from tests.services.plain_account import NOW, invoice

PAGE = 100
PER_OBJECT = 60  # seconds between two invoices


class EndlessInvoices:
    """`pages` pages of invoices, one a minute, made when they are asked for."""

    name = "stripe"
    splits = True
    requests = 0
    now = None

    def __init__(self, pages: int) -> None:
        self.objects = pages * PAGE

    def check(self) -> list[Issue]:
        return []

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        if kind != "invoice":
            return Page([], True)
        number = int(after.removeprefix("in_")) - 1 if after else self.objects - 1
        numbers = [n for n in range(number, max(-1, number - PAGE), -1) if self.created(n) >= created_from]
        found = [invoice(n, 1, self.created(n)) for n in numbers if self.created(n) < created_before]
        return Page(found, not numbers or numbers[-1] == 0 or len(numbers) < PAGE)

    def created(self, number: int) -> int:
        return NOW - (self.objects - number) * PER_OBJECT

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        return {"id": object_id, "object": kind}

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        raise SourceDenied("There are no events.")


def peak(folder: Path, pages: int) -> int:
    """Bytes at the highest, and everything has arrived."""
    folder.mkdir()
    store = EmbeddedStore(folder / "eqho.db")
    sync = Sync(EndlessInvoices(pages), store, lambda: NOW)
    tracemalloc.start()
    sync.run()
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert store.count_objects()["invoice"] == pages * PAGE
    store.close()
    return highest


def test_eight_times_the_pages_take_the_same_memory(tmp_path: Path) -> None:
    peak(tmp_path / "warm", 5)
    few, many = peak(tmp_path / "few", 10), peak(tmp_path / "many", 80)
    assert many == pytest.approx(few, rel=0.25)
