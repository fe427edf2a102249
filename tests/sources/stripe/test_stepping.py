"""The second of an object that no page can hold is found in few questions, wherever it lies."""

from itertools import pairwise

import pytest

from eqho.sources.base import ObjectUnreadable, Raw
from eqho.sources.stripe.stepping import Stepper

NOW = 1_795_348_800


class Ledger:
    """Objects by id and second, newest first; one that never comes."""

    def __init__(self, created: list[int], lost: int) -> None:
        self.bodies = [{"id": f"in_{n}", "created": at} for n, at in enumerate(sorted(created, reverse=True))]
        self.lost = self.bodies[lost]["id"]
        self.asked = 0

    def ask(self, created: dict[str, int], more: dict[str, str]) -> list[Raw]:
        self.asked += 1
        found = [
            body
            for body in self.bodies
            if created.get("gte", 0) <= body["created"] < created.get("lt", 2 * NOW)
        ]
        if cursor := more.get("ending_before"):
            place = next(n for n, body in enumerate(self.bodies) if body["id"] == cursor)
            found = [body for body in found if self.bodies.index(body) < place][-1:]
        if any(body["id"] == self.lost for body in found[:1]):
            raise ObjectUnreadable("no")
        return found[:1]


@pytest.mark.parametrize("gap", [1, 60, 86_400, 40_000_000])
@pytest.mark.parametrize("lost", [0, 3, 6])
def test_it_is_found_by_halves(gap: int, lost: int) -> None:
    ledger = Ledger([NOW - 5 - gap * n for n in range(7)], lost)
    before = ledger.bodies[lost - 1]["created"] if lost else NOW
    past = Stepper(ledger.ask).step(0, before)
    assert past is not None
    assert past.second == ledger.bodies[lost]["created"]
    assert past.around == []
    assert ledger.asked < 45


def test_what_is_listed_behind_it_in_the_same_second_is_read_from_the_other_end() -> None:
    ledger = Ledger([NOW - 9] * 5 + [NOW - 50], 1)
    past = Stepper(ledger.ask).step(0, NOW - 8)
    assert past is None  # the newest of the second comes
    around = Stepper(ledger.ask).older_of(NOW - 9, 0)
    assert [body["id"] for body in around] == ["in_2", "in_3", "in_4"]
    assert all(a["created"] == b["created"] for a, b in pairwise(around))


def test_a_list_of_which_nothing_comes_is_no_case_of_it() -> None:
    def refuse(created: dict[str, int], more: dict[str, str]) -> list[Raw]:
        raise ObjectUnreadable("no")

    with pytest.raises(ObjectUnreadable):
        Stepper(refuse).step(0, NOW)
