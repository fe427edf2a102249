import pytest

from eqho.sync.progress import Meter, Progress
from tests.services.fake_time import FakeTime


class Counted:
    def __init__(self) -> None:
        self.time = FakeTime()
        self.requests = 100  # sent by earlier runs
        self.told: list[Progress] = []
        self.meter = Meter(lambda: self.requests, self.told.append, self.time.clock)

    def page(self, kind: str, share: float | None, seconds: float = 0.5, objects: int = 100) -> None:
        self.requests += 1
        self.time.now += seconds
        self.meter.count(kind, objects, share)


def test_each_page_is_told() -> None:
    counted = Counted()
    counted.meter.enter("pulling")
    counted.page("customer", 0.25)
    counted.page("customer", 0.5)
    assert [progress.requests for progress in counted.told] == [0, 1, 2]
    customers = counted.told[-1].kinds["customer"]
    assert (customers.objects, customers.pages, customers.share, customers.done) == (200, 2, 0.5, False)


def test_the_rate_is_of_the_last_ten_seconds() -> None:
    counted = Counted()
    for _ in range(100):
        counted.page("customer", None, seconds=1.0)
    for _ in range(100):
        counted.page("customer", None, seconds=0.1)
    assert counted.told[-1].rate == pytest.approx(10.0, rel=0.02)


def pull(pages: int, *, expected: int, seconds: float = 0.5) -> Counted:
    """Customers are read; then so many pages of invoices came, of an expected number."""
    counted = Counted()
    counted.meter.plan(["customer", "invoice"])
    counted.meter.enter("pulling")
    counted.page("customer", None)
    counted.meter.finish("customer")
    counted.meter.expect("invoice", 100 * expected)
    for page in range(1, pages + 1):
        counted.page("invoice", page / expected, seconds)
    return counted


def test_the_bar_is_pages_done_of_pages_expected() -> None:
    fractions = [told.fraction for told in pull(100, expected=200).told]
    assert fractions[:3] == [None, None, None]  # nobody knows yet how many invoices there are
    assert fractions[-1] == pytest.approx(101 / 201)


def test_the_bar_never_falls_and_ends_at_the_end_whatever_was_expected() -> None:
    for expected in (20, 100, 500):
        counted = Counted()
        counted.meter.plan(["invoice"])
        counted.meter.enter("pulling")
        counted.meter.expect("invoice", 100 * expected)
        # A window that splits is estimated anew, and the share falls back.
        for page in range(1, 101):
            counted.page("invoice", page / 100 - (0.2 if page % 10 == 0 else 0.0))
        counted.meter.finish("invoice")
        fractions = [told.fraction for told in counted.told if told.fraction is not None]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        assert fractions[len(fractions) // 2] == pytest.approx(0.5, abs=0.35)


def test_the_time_left_is_said_once_it_holds_and_is_true() -> None:
    counted = pull(400, expected=400)
    said = [(told.seconds, told.seconds_left) for told in counted.told if told.seconds_left is not None]
    assert said[0][0] >= 15.0
    end = counted.told[-1].seconds
    for seconds, left in said:
        assert left == pytest.approx(end - seconds, rel=0.1, abs=1.0)


def test_no_time_is_said_while_the_pace_changes() -> None:
    counted = pull(100, expected=400, seconds=0.1)
    for page in range(101, 140):
        counted.page("invoice", page / 400, seconds=2.0)
        if page in range(103, 112):
            assert counted.told[-1].seconds_left is None


def test_what_was_stored_before_a_retry_stays_in_sight() -> None:
    before = pull(100, expected=200).told[-1]
    again = Counted()
    again.meter.enter("checking")
    shown = again.told[-1].after(before)
    assert (shown.kinds["invoice"].objects, shown.fraction) == (10_000, before.fraction)
    again.meter.resume("invoice", 10_100, 101, 0.5)
    again.meter.enter("pulling")
    again.page("invoice", 0.51)
    shown = again.told[-1].after(before)
    assert (shown.kinds["customer"].objects, shown.kinds["invoice"].objects) == (100, 10_200)
    assert shown.fraction == pytest.approx(0.51)


def test_sentences() -> None:
    counted = Counted()
    counted.meter.enter("checking")
    counted.meter.enter("pulling")
    counted.page("product", None, objects=7)
    counted.meter.finish("product")
    counted.page("invoice", 0.1, objects=34_100)
    counted.page("invoice", 0.2, seconds=30.0)
    counted.meter.enter("events")
    counted.time.now += 3.0
    counted.meter.enter("done")
    assert list(dict.fromkeys(progress.sentence for progress in counted.told)) == [
        "Checking what the source lets us read.",
        "Reading the source from its beginning.",
        "Reading products (7 read) at 2.0 requests a second.",
        "Reading invoices (34,100 read) at 2.0 requests a second.",
        "Reading invoices (34,200 read) at 0.0 requests a second.",
        "Reading what changed.",
        "Up to date after 3 requests in 34 s.",
    ]
