"""Closed months are frozen once, restated when the ledger changes its mind, and accepted or not."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import msgspec
import pytest

from eqho.errors import BadArgument
from eqho.history import freezing
from eqho.history.records import Archive
from eqho.refresh.pipeline import Builder
from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.tiers.recorded_views import Restatements, ShownHistory
from eqho.tiers.views import History
from tests.refresh.test_refresh import fourth_customer
from tests.services.plain_account import change, customer, invoice, plain_account, subscription
from tests.tiers.rig import SmallSource, mrr, replica, settle

# The three customers came in January, July and November 2026; ten months of 2026 have closed.
MONTHS = [f"2026-{month:02d}" for month in range(1, 11)]
PRODUCTS = ("all-products", "towpilot", "fleetdesk", "roadcall", "other", "unmapped")


def frozen(store: EmbeddedStore, product: str = "towpilot") -> list[dict[str, Any]]:
    return list(store.frozen_months(product, "eqho"))


def backdate(source: SmallSource) -> None:
    """A customer turns up in November who has been billed from September 1 on."""
    since = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())
    source.account.put("customer", customer(9, since))
    change(source.account, "subscription", subscription(9, since), "customer.subscription.created")
    change(source.account, "invoice", invoice(99, 9, since), "invoice.paid")


@pytest.fixture
def settled(tiers: Tiers, store: EmbeddedStore) -> Tiers:
    """Built once, and every closed month frozen."""
    mrr(tiers)
    settle(lambda: store.count_metrics() == len(PRODUCTS) * (1 + len(MONTHS)))
    settle(lambda: store.acquire_lease("refresh", "test", 0) is not None)
    return tiers


def test_the_first_build_freezes_every_closed_month_of_every_product(
    settled: Tiers, store: EmbeddedStore
) -> None:
    for product in PRODUCTS:
        assert [record["closed_month"] for record in frozen(store, product)] == MONTHS
    found = {r["closed_month"]: r["metrics"]["revenue_metrics"]["mrr"] for r in frozen(store)}
    assert (found["2026-01"], found["2026-06"], found["2026-10"]) == (100.0, 100.0, 200.0)


def test_a_frozen_record(settled: Tiers, store: EmbeddedStore) -> None:
    october = frozen(store)[-1]
    last_instant = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    assert (october["timestamp"], october["as_of"]) == (last_instant, last_instant)
    assert (october["product"], october["policy"], october["origin"]) == ("towpilot", "eqho", "stripe-test")
    assert (october["build"], october["number"], october["mrr_units"]) == (1, 1, 200_000_000)
    assert october["_id"] == "frozen/stripe-test/eqho/usd/UTC/towpilot/2026-10/0001"
    assert october["frozen_at"] > last_instant
    assert october["definition"]
    assert msgspec.to_builtins(settled.metrics("towpilot", as_of=date(2026, 10, 31)).value) == {
        **october["metrics"],
        "product": "towpilot",
        "policy": "eqho",
        "definition": october["definition"],
        "undefined": dict(october["metrics"]["undefined"]),
        "issues": [],
    }


def test_the_current_document_is_still_the_latest(
    settled: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    latest = store.latest_metrics("towpilot", "eqho")
    assert latest is not None
    assert (latest["timestamp"], latest["metrics"]["revenue_metrics"]["mrr"]) == (
        datetime(2026, 11, 22, 12, tzinfo=UTC),
        300.0,
    )
    restarted = replica(store, source).metrics("towpilot")
    assert (restarted.value.revenue_metrics.mrr, restarted.provenance.tier) == (300.0, "L2")


def test_readers_have_the_build_before_its_months_are_frozen(
    tiers: Tiers, source: SmallSource, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze, seen = Builder.freeze, []

    def look_first(*arguments: Any) -> int:
        seen.append((store.count_metrics(), mrr(tiers), tiers.progress()["running"]))
        return freeze(*arguments)

    monkeypatch.setattr(Builder, "freeze", look_first)
    tiers.refresh(wait=True)
    settle(lambda: len(frozen(store)) == 10)
    assert seen == [(6, 300.0, False)]


def test_the_lease_is_held_while_months_are_frozen(
    tiers: Tiers, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze, held = Builder.freeze, []

    def look_first(*arguments: Any) -> int:
        held.append(store.acquire_lease("refresh", "another replica", 1) is None)
        return freeze(*arguments)

    monkeypatch.setattr(Builder, "freeze", look_first)
    tiers.refresh(wait=True)
    settle(lambda: store.acquire_lease("refresh", "another replica", 1) is not None)
    assert (held, len(frozen(store))) == ([True], 10)


def test_a_second_build_and_a_second_replica_freeze_nothing_again(
    settled: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    before = frozen(store)
    fourth_customer(source)
    settled.refresh(wait=True)
    replica(store, source).refresh(wait=True)
    settle(lambda: store.acquire_lease("refresh", "test", 0) is not None)
    assert frozen(store) == before
    assert store.count_metrics() == 66 + 2 * 6


def test_two_who_freeze_at_the_same_time_write_each_month_once(
    settled: Tiers, store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = frozen(store)
    monkeypatch.setattr(Archive, "frozen", lambda archive, scene: {})
    frozen_again: list[int] = []
    freeze = Builder.freeze

    def counted(*arguments: Any) -> int:
        frozen_again.append(freeze(*arguments))
        return frozen_again[-1]

    monkeypatch.setattr(Builder, "freeze", counted)
    replica(store, source).refresh(wait=True)
    settle(lambda: frozen_again == [60])
    assert frozen(store) == before
    assert store.count_metrics() == 66 + 6


def test_what_a_crash_left_out_is_frozen_with_the_next_build(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "_BATCH", 4)
    append, written = store.append_metrics, []

    def away_after_three_batches(documents: list[dict[str, Any]]) -> None:
        if "closed_month" in documents[0]:
            written.append(len(documents))
            if len(written) > 3:
                raise StoreUnavailable("MongoDB does not answer.")
        append(documents)

    monkeypatch.setattr(store, "append_metrics", away_after_three_batches)
    mrr(tiers)
    settle(lambda: written == [4, 4, 2, 4])
    assert tiers.health()["status"] == "healthy"
    monkeypatch.setattr(store, "append_metrics", append)
    tiers.refresh(wait=True)
    settle(lambda: all(len(frozen(store, product)) == 10 for product in PRODUCTS))
    assert [r["build"] for r in frozen(store, "all-products")] == [1] * 10
    assert [r["build"] for r in frozen(store, "fleetdesk")] == [2] * 10


def test_freezing_stops_when_another_replica_leads(
    tiers: Tiers, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze, counts = Builder.freeze, []

    def second_question_fails(builder: Builder, built: Any, still_leader: Callable[[], bool]) -> int:
        answers = iter((True, False))
        counts.append(freeze(builder, built, lambda: next(answers)))
        return counts[-1]

    monkeypatch.setattr(Builder, "freeze", second_question_fails)
    mrr(tiers)
    settle(lambda: counts == [10])
    assert [len(frozen(store, product)) for product in PRODUCTS] == [10, 0, 0, 0, 0, 0]


def test_months_frozen_from_other_data_are_another_history(settled: Tiers, store: EmbeddedStore) -> None:
    demo = SmallSource(plain_account(3))
    demo.name = "demo"
    replica(store, demo, origin="demo").refresh(wait=True)
    settle(lambda: len(frozen(store)) == 20)
    assert {record["origin"] for record in frozen(store)} == {"stripe-test", "demo"}
    assert len({record["_id"] for record in frozen(store)}) == 20


def test_without_a_change_there_is_no_restatement(settled: Tiers) -> None:
    assert settled.view(Restatements(), "towpilot").value.rows == []


def test_a_change_of_the_past_is_shown_with_its_cause(settled: Tiers, source: SmallSource) -> None:
    backdate(source)
    settled.refresh(wait=True)
    rows = settled.view(Restatements(), "towpilot").value.rows
    assert [(r.month, r.metric, r.frozen, r.today, r.difference) for r in rows] == [
        ("2026-09", "mrr", 200.0, 300.0, 100.0),
        ("2026-09", "customers", 2, 3, 1),
        ("2026-10", "mrr", 200.0, 300.0, 100.0),
        ("2026-10", "customers", 2, 3, 1),
    ]
    [cause] = rows[0].causes
    assert (cause.customer, cause.name, cause.frozen, cause.today) == (
        "cus_000009",
        "Customer 9",
        0.0,
        100.0,
    )
    assert settled.view(Restatements(), "fleetdesk").value.rows == []


def test_accepting_appends_and_leaves_the_others_shown(
    settled: Tiers, source: SmallSource, store: EmbeddedStore
) -> None:
    backdate(source)
    settled.refresh(wait=True)
    settled.view(Restatements(), "towpilot")
    settled.accept_restatement("towpilot", "2026-09")
    rows = settled.view(Restatements(), "towpilot").value.rows
    assert [r.month for r in rows] == ["2026-10", "2026-10"]
    september = [r for r in frozen(store) if r["closed_month"] == "2026-09"]
    assert [(r["number"], r["mrr_units"]) for r in september] == [(1, 200_000_000), (2, 300_000_000)]
    assert {r.month for r in settled.view(Restatements(), "all-products").value.rows} == {
        "2026-09",
        "2026-10",
    }


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        ("2026-10", "The ledger says of 2026-10 what was frozen: there is nothing to accept."),
        ("2026-11", "2026-11 of towpilot was never frozen; frozen are 2026-01 to 2026-10."),
        ("", "That month of towpilot was never frozen; frozen are 2026-01 to 2026-10."),
    ],
)
def test_what_cannot_be_accepted(settled: Tiers, store: EmbeddedStore, month: str, sentence: str) -> None:
    with pytest.raises(BadArgument) as refused:
        settled.accept_restatement("towpilot", month)
    assert str(refused.value) == sentence
    assert store.count_metrics() == 66


def history(tiers: Tiers, basis: Literal["ledger", "snapshot"], **more: Any) -> list[tuple[Any, ...]]:
    view = ShownHistory if basis == "snapshot" else History
    points = tiers.view(view(**{"start": date(2026, 8, 1)} | more), "towpilot").value.points
    return [(point.date, point.mrr, point.customers, point.open) for point in points]


def test_history_as_it_was_shown_and_as_the_ledger_says_today(settled: Tiers, source: SmallSource) -> None:
    backdate(source)
    settled.refresh(wait=True)
    assert history(settled, "snapshot") == [
        ("2026-08-31", 200.0, 2, False),
        ("2026-09-30", 200.0, 2, False),
        ("2026-10-31", 200.0, 2, False),
        ("2026-11-30", 400.0, 4, True),
    ]
    assert history(settled, "ledger") == [
        ("2026-08-31", 200.0, 2, False),
        ("2026-09-30", 300.0, 3, False),
        ("2026-10-31", 300.0, 3, False),
        ("2026-11-30", 400.0, 4, True),
    ]
    settled.accept_restatement("towpilot", "2026-09")
    assert history(settled, "snapshot")[1] == ("2026-09-30", 300.0, 3, False)


def test_the_other_intervals_show_the_last_snapshot_of_each_period(settled: Tiers) -> None:
    assert history(settled, "snapshot", interval="quarter") == [
        ("2026-09-30", 200.0, 2, False),
        ("2026-12-31", 300.0, 3, True),
    ]
    assert history(settled, "snapshot", interval="day") == [
        ("2026-08-31", 200.0, 2, False),
        ("2026-09-30", 200.0, 2, False),
        ("2026-10-31", 200.0, 2, False),
        ("2026-11-22", 300.0, 3, True),
    ]
    assert history(settled, "snapshot", interval="week", end=date(2026, 11, 1)) == [
        ("2026-08-02", 200.0, 2, False),
        ("2026-09-06", 200.0, 2, False),
        ("2026-10-04", 200.0, 2, False),
        ("2026-11-01", 200.0, 2, False),
    ]


def test_a_policy_that_was_never_stored_has_no_snapshots(settled: Tiers) -> None:
    assert settled.view(ShownHistory(), "towpilot", policy="stripe").value.points == []


def test_the_ledgers_history_does_not_need_the_stored_records(
    settled: Tiers, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("MongoDB does not answer.")

    for read in ("frozen_months", "metrics_between"):
        monkeypatch.setattr(store, read, away)
    assert history(settled, "ledger", start=date(2026, 11, 1)) == [("2026-11-30", 300.0, 3, True)]
    with pytest.raises(StoreUnavailable):
        history(settled, "snapshot")


def test_with_a_new_month_old_snapshots_are_thinned_to_one_a_day(tiers: Tiers, store: EmbeddedStore) -> None:
    january = datetime(2026, 1, 10, tzinfo=UTC)
    shown_hourly = [
        {
            "product": "towpilot",
            "policy": "eqho",
            "timestamp": january + timedelta(hours=hour),
            "metrics": {"hour": hour},
        }
        for hour in range(3)
    ]
    store.append_metrics(shown_hourly)

    def of_that_day() -> list[int]:
        found = store.metrics_between("towpilot", "eqho", january, january + timedelta(days=1))
        return [document["metrics"]["hour"] for document in found]

    assert of_that_day() == [0, 1, 2]
    mrr(tiers)
    settle(lambda: of_that_day() == [2])
    assert [record["closed_month"] for record in frozen(store)] == MONTHS
