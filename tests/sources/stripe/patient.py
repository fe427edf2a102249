"""A Stripe source against the test server whose pauses cost no time."""

from eqho.sources.base import Source, pages
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from tests.services.fake_time import FakeTime
from tests.services.plain_account import NOW
from tests.services.stripe_server import KEY, StripeServer


class Patient:
    """The source, the time its pauses pretend to take, and the wall clock it reads."""

    def __init__(self, server: StripeServer, key: str = KEY, read_timeout: float = 5.0) -> None:
        self.time = FakeTime()
        self.wall = [float(NOW)]
        self.source = StripeSource(
            key,
            server.url,
            rate=1_000,
            retries=RetryPolicy(clock=self.time.clock, sleep=self.time.sleep, jitter=lambda: 1.0),
            timeout=(1.0, read_timeout),
            clock=lambda: self.wall[0],
        )


def source(server: StripeServer, key: str = KEY) -> StripeSource:
    return Patient(server, key).source


def ids(source: Source, kind: str, before: int = NOW) -> list[str]:
    return [body["id"] for page in pages(source, kind, before) for body in page.objects]
