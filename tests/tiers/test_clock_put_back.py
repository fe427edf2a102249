"""The machine's clock is put back: ages, failures and the schedule go on as if it had not been."""

import threading
from collections.abc import Iterator

import pytest

from eqho.errors import RefreshFailed
from eqho.sources.base import SourceError
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.tiers.rig import PassingTime, SmallSource, mrr, replica, settle

DAY = 86_400
DOWN = SourceError("Stripe does not answer: check the network.")


@pytest.fixture
def background(tiers: Tiers, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The schedule, every 900 s, of a process that has figures already."""
    monkeypatch.setattr("eqho.tiers.schedule.POLL_SECONDS", 0.05)
    mrr(tiers)
    schedule = threading.Thread(target=tiers.run_background, args=(900,))
    schedule.start()
    yield
    tiers.stop()
    schedule.join(10)


@pytest.mark.usefixtures("background")
def test_the_schedule_goes_on(tiers: Tiers, clock: PassingTime) -> None:
    clock.put_back(DAY)

    def refreshed() -> bool:
        clock.advance(100)
        return bool(tiers.statistics()["l3"]["refreshes"] >= 2)

    settle(refreshed)


def test_ages_are_never_negative_and_go_on(tiers: Tiers, source: SmallSource, clock: PassingTime) -> None:
    mrr(tiers)
    clock.put_back(3_600)
    assert 0 <= tiers.metrics("towpilot").provenance.age_seconds < 200
    clock.advance(290)
    assert 290 <= tiers.metrics("towpilot").provenance.age_seconds < 300
    asked = source.requests
    clock.advance(20)
    assert tiers.metrics("towpilot").provenance.stale
    settle(lambda: source.requests > asked and not tiers.progress()["running"])
    assert tiers.metrics("towpilot").provenance.age_seconds < 200


def test_a_failure_afterwards_is_told(tiers: Tiers, source: SmallSource, clock: PassingTime) -> None:
    mrr(tiers)
    clock.put_back(3_600)
    source.failure = DOWN
    with pytest.raises(RefreshFailed):
        tiers.refresh(wait=True)
    assert tiers.metrics("towpilot").provenance.stale_reason == str(DOWN)
    assert tiers.health()["reason"] == tiers.last_refresh()[1] == str(DOWN)


def test_a_refresh_of_another_replica_afterwards_is_followed(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, clock: PassingTime
) -> None:
    """It finds that nothing has changed since the build that both know, at an earlier instant."""
    other = replica(store, source)
    other.refresh(wait=True)
    settle(lambda: other.settled(1))
    mrr(tiers)
    clock.put_back(3_600)
    clock.advance(600)
    assert (tiers.age() or 0) >= 600
    other.refresh(wait=True)
    assert store.generation() == 1
    tiers._poll()
    assert (tiers.age() or 0) < 200
