"""What people note on a day: kept in order, once, and refused with a sentence."""

import threading

import pytest

from eqho.errors import BadArgument
from eqho.inputs.annotations import Annotation, Annotations
from eqho.products import UnknownProduct
from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from tests.tiers.rig import LINES

LAUNCH = Annotation("2026-03-02", "FleetDesk launched", "fleetdesk")
RAISE = Annotation("2026-01-15", "Prices raised by 10 %", "all-products")


@pytest.fixture
def annotations(store: EmbeddedStore) -> Annotations:
    return Annotations(store, LINES)


def test_they_come_oldest_day_first_whatever_the_order_of_adding(annotations: Annotations) -> None:
    annotations.add("2026-03-02", "FleetDesk launched", "fleetdesk")
    annotations.add("2026-01-15", "Prices raised by 10 %", "all_products")
    assert annotations.all() == [RAISE, LAUNCH]


def test_they_are_rows_of_date_text_and_product_in_the_store(
    annotations: Annotations, store: EmbeddedStore
) -> None:
    annotations.add("2026-03-02", "  FleetDesk \n launched ", "fleetdesk")
    assert store.inputs("annotations") == [
        {"date": "2026-03-02", "text": "FleetDesk launched", "product": "fleetdesk"}
    ]


def test_the_same_one_is_kept_once_and_removed_once(annotations: Annotations) -> None:
    annotations.add("2026-03-02", "FleetDesk launched", "fleetdesk")
    kept = annotations.add("2026-03-02", "FleetDesk launched", "fleetdesk")
    assert annotations.all() == [kept]
    annotations.remove(kept)
    annotations.remove(kept)
    assert annotations.all() == []


def test_removing_one_leaves_the_others(annotations: Annotations) -> None:
    annotations.add("2026-03-02", "FleetDesk launched", "fleetdesk")
    annotations.add("2026-01-15", "Prices raised by 10 %", "all-products")
    annotations.remove(LAUNCH)
    assert annotations.all() == [RAISE]


@pytest.mark.parametrize(
    ("day", "text", "sentence"),
    [
        ("March", "Launch", "date is a day like 2026-10-31, not “March”."),
        ("2026-02-30", "Launch", "date is a day like 2026-10-31, not “2026-02-30”."),
        ("2026-03-02", " \n ", "An annotation needs a text: write what happened on that day."),
        ("2026-03-02", "x" * 121, "An annotation has at most 120 characters, this one 121."),
    ],
)
def test_what_cannot_be_noted(annotations: Annotations, day: str, text: str, sentence: str) -> None:
    with pytest.raises(BadArgument) as refused:
        annotations.add(day, text, "towpilot")
    assert str(refused.value) == sentence
    assert annotations.all() == []


def test_a_product_nobody_knows(annotations: Annotations) -> None:
    with pytest.raises(UnknownProduct, match="towplot"):
        annotations.add("2026-03-02", "Launch", "towplot")


def test_eight_who_write_at_once_undo_nothing_of_each_other(store: EmbeddedStore) -> None:
    def write(number: int) -> None:
        Annotations(store, LINES).add("2026-03-02", f"Note {number}", "towpilot")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    texts = [annotation.text for annotation in Annotations(store, LINES).all()]
    assert texts == [f"Note {number}" for number in range(8)]


def test_while_somebody_holds_the_list_a_sentence_says_so(store: EmbeddedStore) -> None:
    waits: list[float] = []
    assert store.acquire_lease("annotations", "somebody", 60) is not None
    with pytest.raises(StoreUnavailable, match="Somebody else is changing the annotations"):
        Annotations(store, LINES, waits.append).add("2026-03-02", "Launch", "towpilot")
    assert sum(waits) == pytest.approx(5.0)
