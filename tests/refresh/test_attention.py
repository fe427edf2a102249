"""What can wait is put off while somebody waits, and not for ever."""

import threading

from eqho.refresh.attention import MOST_SECONDS, Attention


class Ticking:
    """A clock that goes on by a tenth of a second with each look at it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.1
        return self.now


class Unhurried(threading.Event):
    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def waited(attention: Attention, clock: Ticking, until=lambda: False, stopped=None) -> float:
    began = clock.now
    attention.wait_for_calm(until, stopped or Unhurried())
    return clock.now - began


def test_it_waits_until_nobody_has_asked_for_a_while() -> None:
    clock = Ticking()
    attention = Attention(3.0, clock)
    assert attention.nobody_waits()
    attention.somebody_asks()
    assert not attention.nobody_waits()
    assert 2.8 <= waited(attention, clock) <= 3.5
    assert attention.nobody_waits()


def test_where_somebody_asks_all_the_time_it_is_done_all_the_same() -> None:
    clock = Ticking()
    attention = Attention(3.0, clock)

    def asks() -> bool:
        attention.somebody_asks()
        return False

    asks()
    assert MOST_SECONDS <= waited(attention, clock, asks) <= MOST_SECONDS + 1


def test_it_ends_with_the_process_and_with_the_next_refresh() -> None:
    clock = Ticking()
    attention = Attention(3.0, clock)
    attention.somebody_asks()
    stopped = Unhurried()
    stopped.set()
    assert waited(attention, clock, stopped=stopped) < 1
    attention.somebody_asks()
    assert waited(attention, clock, lambda: True) < 1


def test_without_a_calm_nothing_is_put_off() -> None:
    attention = Attention()
    attention.somebody_asks()
    assert attention.nobody_waits()
