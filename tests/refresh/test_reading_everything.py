"""Reading everything again: asked for at any time, behind what changed, and it gives way to a refresh."""

import threading
import time

import pytest

from eqho.sources.base import Page, SourceError
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.services.plain_account import NOW, change, customer, plain_account, subscription
from tests.tiers.rig import SmallSource, mrr, replica, settle


class HeldLists(SmallSource):
    """While `held`, each list waits for a permit."""

    def __init__(self) -> None:
        super().__init__(plain_account(3))
        self.held = False
        self.permits = threading.Semaphore(0)
        self.listed: list[str] = []

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        self.listed.append(kind)
        if self.held:
            self.permits.acquire(timeout=20)
        return super().page(kind, created_from, created_before, after)


@pytest.fixture
def held() -> HeldLists:
    return HeldLists()


@pytest.fixture
def slow(store: EmbeddedStore, held: HeldLists) -> Tiers:
    tiers = replica(store, held)
    assert mrr(tiers) == 300.0
    held.listed.clear()
    return tiers


def join(source: SmallSource, number: int, *, told: bool) -> None:
    """One more customer at $100; no event says so where it is not `told`."""
    source.account.put("customer", customer(number, NOW - 60))
    body = subscription(number, NOW - 60)
    if told:
        change(source.account, "subscription", body, "customer.subscription.created")
    else:
        source.account.put("subscription", body)


def test_a_refresh_does_not_heal_what_no_event_tells_and_reading_everything_does(
    tiers: Tiers, source: SmallSource
) -> None:
    assert mrr(tiers) == 300.0
    join(source, 4, told=False)
    tiers.refresh(wait=True)
    assert mrr(tiers) == 300.0
    assert tiers.refresh(wait=True, full=True) == "started"
    assert mrr(tiers) == 400.0


def test_what_changed_is_published_before_everything_is_read(slow: Tiers, held: HeldLists) -> None:
    join(held, 4, told=True)
    join(held, 5, told=False)
    held.held = True
    slow.refresh(full=True)
    settle(lambda: mrr(slow) == 400.0 and bool(held.listed))
    shown = slow.progress()
    assert shown["running"]
    assert shown["sentence"].startswith("Everything is read again. ")
    held.held = False
    held.permits.release(20)
    settle(lambda: mrr(slow) == 500.0 and not slow.progress()["running"])


def test_it_gives_way_to_a_refresh_and_goes_on_where_it_was(slow: Tiers, held: HeldLists) -> None:
    join(held, 5, told=False)
    held.held = True
    slow.refresh(full=True)
    held.permits.release(4)  # products, coupons, prices and customers
    settle(lambda: len(held.listed) == 5)
    join(held, 6, told=True)
    assert slow.refresh() == "started"
    held.permits.release()  # the list it waits for
    settle(lambda: mrr(slow) in {400.0, 500.0})
    held.held = False
    held.permits.release(20)
    settle(lambda: mrr(slow) == 500.0 and not slow.progress()["running"])
    assert held.listed.count("customer") == 1


def test_it_gives_way_to_the_refresh_of_another_replica_which_goes_on_with_it(
    slow: Tiers, held: HeldLists, store: EmbeddedStore
) -> None:
    another = replica(store, held)
    assert mrr(another) == 300.0
    join(held, 5, told=False)
    held.held = True
    slow.refresh(full=True)
    held.permits.release(4)
    settle(lambda: len(held.listed) == 5)
    join(held, 6, told=True)
    another.refresh()
    settle(lambda: store.get_state("refresh_wanted") is not None)
    time.sleep(1.1)  # The one that reads looks at its door once a second.
    held.permits.release()
    settle(lambda: mrr(another) in {400.0, 500.0})
    held.held = False
    held.permits.release(20)
    settle(lambda: mrr(another) == 500.0 and not another.progress()["running"])
    assert held.listed.count("customer") == 1


def test_asked_while_a_refresh_runs_it_follows_that(tiers: Tiers, source: SmallSource) -> None:
    assert mrr(tiers) == 300.0
    join(source, 4, told=False)
    source.gate.clear()
    tiers.refresh()
    assert tiers.refresh(full=True) == "joined"
    source.gate.set()
    settle(lambda: mrr(tiers) == 400.0)


def test_asked_twice_at_once_it_is_read_once(slow: Tiers, held: HeldLists) -> None:
    slow.refresh(full=True)
    slow.refresh(full=True, wait=True)
    assert held.listed.count("subscription") in {1, 2}
    held.listed.clear()
    slow.refresh(wait=True)
    assert held.listed == []


def test_a_failure_is_told_and_the_figures_stay(slow: Tiers, held: HeldLists) -> None:
    join(held, 4, told=True)
    page = held.page

    def failing(kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        if kind == "invoice":
            raise SourceError("Stripe does not answer: check the network.")
        return page(kind, created_from, created_before, after)

    held.page = failing  # type: ignore[method-assign]
    slow.refresh(full=True)
    settle(lambda: slow.health()["reason"] == "Stripe does not answer: check the network.")
    assert mrr(slow) == 400.0
    held.page = page  # type: ignore[method-assign]
    slow.refresh(wait=True, full=True)
    assert slow.health()["status"] == "healthy"
