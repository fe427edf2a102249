from collections.abc import Callable

import pytest

from eqho.sources.stripe.retries import AttemptError, RetryPolicy, retry_after
from tests.services.fake_time import FakeTime


def policy(time: FakeTime, jitter: float = 1.0) -> RetryPolicy:
    return RetryPolicy(clock=time.clock, sleep=time.sleep, jitter=lambda: jitter)


def failing(
    time: FakeTime, times: int, seconds: float = 0.0, wait: float | None = None, throttled: bool = False
) -> Callable[[], str]:
    """Fails `times` times, each after `seconds`."""
    left = [times]

    def attempt() -> str:
        time.now += seconds
        if left[0]:
            left[0] -= 1
            raise AttemptError("does not answer.", wait=wait, throttled=throttled)
        return "answer"

    return attempt


def test_pauses_double_from_half_a_second_to_thirty() -> None:
    pauses = [policy(FakeTime()).pause(tried, None) for tried in range(1, 9)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_jitter_is_full() -> None:
    assert policy(FakeTime(), jitter=0.0).pause(5, None) == 0.0
    assert policy(FakeTime(), jitter=0.25).pause(5, None) == 2.0


def test_what_the_server_asks_for_is_the_least_it_waits() -> None:
    assert policy(FakeTime(), jitter=0.0).pause(1, 7.0) == 7.0
    assert policy(FakeTime(), jitter=1.0).pause(1, 7.0) == 7.5


def test_a_third_try_may_succeed() -> None:
    time = FakeTime()
    assert policy(time).run(failing(time, 2)) == "answer"
    assert time.slept == [0.5, 1.0]


@pytest.mark.parametrize("seconds", [0.0, 3.0, 8.0, 11.0])
def test_a_server_that_does_not_answer_is_given_up_before_twenty_seconds(seconds: float) -> None:
    time = FakeTime()
    with pytest.raises(AttemptError):
        policy(time).run(failing(time, 99, seconds))
    assert time.now < 20


def test_a_server_that_says_later_is_waited_for() -> None:
    time = FakeTime()
    assert policy(time).run(failing(time, 3, wait=20.0, throttled=True)) == "answer"
    assert time.now == 61.5


def test_waiting_for_the_server_ends_after_two_minutes() -> None:
    time = FakeTime()
    with pytest.raises(AttemptError):
        policy(time).run(failing(time, 99, wait=50.0, throttled=True))
    assert time.now == 101.0


def test_a_wait_beyond_all_patience_is_not_begun() -> None:
    time = FakeTime()
    with pytest.raises(AttemptError):
        policy(time).run(failing(time, 1, wait=3_600.0, throttled=True))
    assert time.slept == []


def test_tries_are_bounded() -> None:
    time = FakeTime()
    with pytest.raises(AttemptError):
        policy(time, jitter=0.0).run(failing(time, 8))
    assert len(time.slept) == 7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 60.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=lambda: 40.0) == seconds
