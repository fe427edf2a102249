from eqho.sources.stripe.rate_limit import TokenBucket
from tests.services.fake_time import FakeTime


def bucket(rate: float = 8.0) -> tuple[TokenBucket, FakeTime]:
    time = FakeTime()
    return TokenBucket(rate, clock=time.clock, sleep=time.sleep), time


def test_a_full_bucket_lets_one_second_of_requests_through_then_keeps_the_rate() -> None:
    tokens, time = bucket(8.0)
    for _ in range(8):
        tokens.take()
    assert time.now == 0.0
    for _ in range(80):
        tokens.take()
    assert round(time.now, 6) == 10.0


def test_too_many_halves_the_rate_and_empties_the_bucket() -> None:
    tokens, time = bucket(8.0)
    tokens.halve()
    assert tokens.rate == 4.0
    tokens.take()
    assert round(time.now, 3) == 0.25


def test_refusals_of_one_second_count_once() -> None:
    tokens, time = bucket(16.0)
    for _ in range(4):
        tokens.halve()
    assert tokens.rate == 8.0
    time.now += 1.5
    tokens.halve()
    assert round(tokens.rate, 1) == 4.2  # half of the 8.4 it had recovered to


def test_the_rate_recovers_from_a_half_in_thirty_seconds() -> None:
    tokens, time = bucket(8.0)
    tokens.halve()
    time.now += 15
    assert tokens.rate == 6.0
    time.now += 15
    assert tokens.rate == 8.0
    time.now += 1_000
    assert tokens.rate == 8.0


def test_the_rate_never_falls_below_a_sixteenth() -> None:
    tokens, time = bucket(16.0)
    for _ in range(20):
        tokens.halve()
        time.now += 1.0
    assert 1.0 <= tokens.rate < 2.5
