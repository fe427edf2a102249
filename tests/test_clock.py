"""Whose clock counts."""

import time
from datetime import UTC, datetime

import pytest

from eqho.clock import Clock
from eqho.issues import CLOCK_WRONG

DAY = 86_400


def test_this_machines_until_the_source_tells_its_own() -> None:
    clock = Clock()
    told: list[int | None] = [None]
    clock.follow(lambda: told[0])
    assert abs(clock.now() - time.time()) < 60
    told[0] = 1_795_348_800
    assert clock.now() == 1_795_348_800


def test_one_that_stands_still_follows_nobody() -> None:
    clock = Clock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    clock.follow(lambda: 1)
    assert (clock.now(), clock.notices()) == (1_795_348_800, ())


@pytest.mark.parametrize(("ahead", "said"), [(DAY, "ahead of"), (-DAY, "behind")])
def test_one_that_is_wrong_is_said(ahead: int, said: str) -> None:
    clock = Clock()
    clock.follow(lambda: int(time.time()) - ahead)
    [notice] = clock.notices()
    assert notice.code == CLOCK_WRONG
    assert f"more than five minutes {said} the source's" in notice.message


def test_a_minute_is_nothing() -> None:
    clock = Clock()
    assert clock.notices() == ()
    clock.follow(lambda: int(time.time()) - 60)
    assert clock.notices() == ()
