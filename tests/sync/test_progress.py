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


def test_the_time_left_follows_from_the_share_gained() -> None:
    counted = Counted()
    counted.page("invoice", 0.10)
    assert counted.told[-1].seconds_left is None
    counted.page("invoice", 0.20, seconds=30.0)
    assert counted.told[-1].seconds_left == pytest.approx(240.0)
    counted.meter.finish("invoice")
    assert counted.told[-1].seconds_left is None


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
        "Reading products (7) at 2.0 requests/s.",
        "Reading invoices (34,100, 10%) at 2.0 requests/s.",
        "Reading invoices (34,200, 20%) at 0.0 requests/s, about 4 min left.",
        "Reading what changed.",
        "Up to date after 3 requests in 34 s.",
    ]
