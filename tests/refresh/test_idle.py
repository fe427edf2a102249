"""A refresh that finds nothing new builds nothing, and makes the figures fresh all the same."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eqho.billing.one_customer import read_shared
from eqho.errors import RefreshFailed
from eqho.issues import Issue
from eqho.ledger.derive import derive
from eqho.refresh import pipeline, publishing
from eqho.refresh.pipeline import Builder
from eqho.refresh.standstill import stands_until
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator.account import StripeAccount
from eqho.sync import Owner, Sync
from eqho.tiers import Tiers
from tests.services.plain_account import DAY, NOW, change, customer, price, product, subscription
from tests.tiers.rig import CONVENTIONS, LINES, PassingTime, SmallSource, mrr, replica, shown

MIDNIGHT = NOW + 12 * 3_600
UTC = ZoneInfo("UTC")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The instants at which a ledger was built."""
    calls: list[int] = []
    label = pipeline.label

    def counted(derived: Any, goods: Any, lines: Any, now: int, *more: Any) -> Any:
        calls.append(now)
        return label(derived, goods, lines, now, *more)

    monkeypatch.setattr(pipeline, "label", counted)
    return calls


def test_nothing_new_builds_and_publishes_nothing_and_the_figures_are_fresh(
    tiers: Tiers, store: EmbeddedStore, clock: PassingTime, built: list[int]
) -> None:
    assert mrr(tiers) == 300.0
    clock.advance(400)
    assert tiers.refresh(wait=True) == "started"
    served = tiers.metrics("towpilot")
    assert (served.value.revenue_metrics.mrr, served.provenance.build) == (300.0, 1)
    assert (served.provenance.stale, round(served.provenance.age_seconds / 100)) == (False, 0)
    assert (len(built), store.generation(), shown(store)) == (1, 1, [(1, 300.0)])
    assert tiers.statistics()["l3"]["refreshes"] == 2


def test_another_replica_learns_that_the_figures_are_fresh(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, clock: PassingTime
) -> None:
    assert mrr(tiers) == 300.0
    other = replica(store, source)
    assert mrr(other) == 300.0
    clock.advance(400)
    tiers.refresh(wait=True)
    other._poll()
    assert not other.metrics("towpilot").provenance.stale


def test_a_change_is_built_after_idle_refreshes_as_before(
    tiers: Tiers, source: SmallSource, built: list[int]
) -> None:
    assert mrr(tiers) == 300.0
    tiers.refresh(wait=True)
    source.account.put("customer", customer(4, NOW - 60))
    change(source.account, "subscription", subscription(4, NOW - 60), "customer.subscription.created")
    tiers.refresh(wait=True)
    assert (mrr(tiers), len(built)) == (400.0, 2)
    tiers.refresh(wait=True)
    assert (mrr(tiers), len(built)) == (400.0, 2)


def test_a_change_whose_build_failed_is_built_by_the_next_refresh(
    tiers: Tiers, source: SmallSource, built: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mrr(tiers) == 300.0
    source.account.put("customer", customer(4, NOW - 60))
    change(source.account, "subscription", subscription(4, NOW - 60), "customer.subscription.created")
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "violations", lambda scene: ["one and one are three"])
        with pytest.raises(RefreshFailed, match="one and one are three"):
            tiers.refresh(wait=True)
    tiers.refresh(wait=True)
    assert (mrr(tiers), len(built)) == (400.0, 3)


def test_a_change_that_another_process_read_and_did_not_build_is_built(
    tiers: Tiers, source: SmallSource, store: EmbeddedStore, built: list[int]
) -> None:
    assert mrr(tiers) == 300.0
    source.account.put("customer", customer(4, NOW - 60))
    change(source.account, "subscription", subscription(4, NOW - 60), "customer.subscription.created")
    Sync(source, store, lambda: NOW, owner=Owner(source, "stripe-test")).catch_up()  # and then it is killed
    tiers.refresh(wait=True)
    assert (mrr(tiers), len(built)) == (400.0, 2)


def test_a_complaint_of_the_source_that_comes_or_goes_is_shown(
    tiers: Tiers, source: SmallSource, built: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mrr(tiers) == 300.0
    complaint = [Issue("notice", "The source says something new.", ())]
    monkeypatch.setattr(source, "check", lambda: complaint)
    tiers.refresh(wait=True)
    assert [issue.code for issue in tiers.issues()] == ["notice"]
    assert len(built) == 2


def test_another_day_is_built_though_nothing_has_changed(store: EmbeddedStore, built: list[int]) -> None:
    source, instant = SmallSource(_account_of_one()), NOW
    owner = Owner(source, "stripe-test")
    sync = Sync(source, store, lambda: instant, owner=owner)
    builder = Builder(sync, store, LINES, CONVENTIONS, lambda: instant, owner)
    tiers = Tiers(builder, store, LINES, CONVENTIONS, "stripe", owner, 300, lambda: 0)
    for instant in (NOW, NOW + 900, MIDNIGHT - 1, MIDNIGHT):
        source.account.now = instant
        tiers.refresh(wait=True)
    assert built == [NOW, MIDNIGHT]


def _account_of_one() -> StripeAccount:
    account = StripeAccount(now=NOW)
    account.put("product", product())
    account.put("price", price())
    account.put("customer", customer(1, NOW - 10 * DAY))
    account.put("subscription", subscription(1, NOW - 10 * DAY))
    return account


def until(**more: Any) -> int:
    bodies = {
        "customer": [customer(1, NOW - 90 * DAY)],
        "subscription": [subscription(1, NOW - 90 * DAY, **more)],
    }
    shared = read_shared({"product": [product()], "price": [price()]})
    return stands_until(derive(bodies, shared, NOW).aside.named, NOW, UTC)


def test_a_build_stands_until_the_next_instant_that_an_object_names_or_the_end_of_the_day() -> None:
    assert until() == MIDNIGHT
    assert until(cancel_at=NOW + 3_600, cancel_at_period_end=True) == NOW + 3_600
    assert until(status="trialing", trial_start=NOW - DAY, trial_end=NOW + 7_200) == NOW + 7_200
    assert until(cancel_at=NOW + 40 * DAY) == MIDNIGHT
