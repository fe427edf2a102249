"""After an update or a change of the configuration, figures are there before the source answers."""

from collections.abc import Callable

import pytest

from eqho.errors import NoBuild
from eqho.products import parse
from eqho.sources.base import SourceError
from eqho.store.base import Document
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.tiers.views import Cash
from tests.tiers.rig import PassingTime, SmallSource, mrr, replica, settle, shown

DOWN = SourceError("Stripe does not answer: check the network.")
HAULAGE = """
[[product_lines]]
key = "haulage"
name = "Haulage"
words = ["towpilot"]

[[product_lines]]
key = "towpilot"
name = "TowPilot"
"""
AWAY_FOR = 3_600.0


@pytest.fixture
def told(tiers: Tiers, store: EmbeddedStore, source: SmallSource, clock: PassingTime) -> Document:
    """The build of a process that has ended; an hour later Stripe is away."""
    mrr(tiers)
    assert tiers.settled(20)
    tiers.stop()
    clock.advance(AWAY_FOR)
    source.failure = DOWN
    build = store.latest_build()
    assert build is not None
    return build.meta


@pytest.fixture
def of_older_version(told: Document, store: EmbeddedStore) -> Document:
    """The build as a version wrote it that packed otherwise, and did not say with what it was made."""
    meta = {name: value for name, value in told.items() if name != "made_with"}
    lease = store.acquire_lease("refresh", "older", 30)
    assert lease is not None
    store.publish_build(meta, b"packed otherwise", lease)
    store.release_lease(lease)
    return meta


@pytest.mark.usefixtures("of_older_version")
def test_figures_of_an_older_version_are_told_from_the_mirror(
    store: EmbeddedStore, source: SmallSource
) -> None:
    snapshots = shown(store)
    tiers = replica(store, source)

    served = tiers.metrics("towpilot")

    assert served.value.revenue_metrics.mrr == 300.0
    assert served.provenance.stale
    assert served.provenance.age_seconds >= AWAY_FOR
    settle(lambda: tiers.health()["reason"] == str(DOWN))
    assert tiers.health()["status"] == "degraded"
    # The source has told no news: history has none.
    assert shown(store) == snapshots


@pytest.mark.usefixtures("of_older_version")
def test_they_are_not_told_twice(store: EmbeddedStore, source: SmallSource) -> None:
    first = replica(store, source)
    mrr(first)
    assert first.settled(20)
    generation = store.generation()
    again = replica(store, source)
    assert mrr(again) == 300.0
    assert again.settled(20)
    assert store.generation() == generation


@pytest.mark.usefixtures("of_older_version")
def test_the_source_answers_again(store: EmbeddedStore, source: SmallSource) -> None:
    tiers = replica(store, source)
    mrr(tiers)
    assert tiers.settled(20)
    source.failure = None
    tiers.refresh(wait=True)
    served = tiers.metrics("towpilot")
    assert (served.value.revenue_metrics.mrr, served.provenance.stale) == (300.0, False)


@pytest.mark.usefixtures("told")
def test_product_lines_that_were_changed_are_told_at_once(store: EmbeddedStore, source: SmallSource) -> None:
    tiers = replica(store, source, lines=parse(HAULAGE, "eqho.toml"))
    mrr(tiers, "haulage")  # of the build before, which is old: a refresh begins
    settle(lambda: tiers.health()["reason"] == str(DOWN))
    other = replica(store, source, lines=parse(HAULAGE, "eqho.toml"))
    assert mrr(other, "haulage") == 300.0
    assert other.metrics("haulage").provenance.age_seconds >= AWAY_FOR


@pytest.mark.usefixtures("told")
def test_the_same_program_and_configuration_make_nothing_anew(
    store: EmbeddedStore, source: SmallSource
) -> None:
    generation = store.generation()
    tiers = replica(store, source)
    assert mrr(tiers) == 300.0
    assert tiers.settled(20)
    assert store.generation() == generation


def unread(store: EmbeddedStore, kind: str) -> None:
    mirror = store.get_state("mirror")
    assert mirror is not None
    store.put_state("mirror", mirror | {"pulled": [each for each in mirror["pulled"] if each != kind]})


@pytest.mark.usefixtures("of_older_version")
def test_what_an_older_version_did_not_read_is_not_told(store: EmbeddedStore, source: SmallSource) -> None:
    unread(store, "dispute")
    tiers = replica(store, source)
    cash = tiers.view(Cash(), "all-products").value
    assert {row.disputed for row in cash.rows} == {None}
    assert set(cash.undefined.values()) >= {"disputes are not read: see the data issues"}
    assert [(i.message, i.subjects) for i in tiers.issues() if i.code == "not_read_yet"] == [
        ("Disputes are read with the next refresh.", ("dispute",))
    ]
    source.failure = None
    tiers.refresh(wait=True)
    assert {row.disputed for row in tiers.view(Cash(), "all-products").value.rows} == {0.0}
    assert not [issue for issue in tiers.issues() if issue.code == "not_read_yet"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda store: unread(store, "invoice"), id="bills are not read"),
        pytest.param(lambda store: store.clear_objects(), id="there is no mirror"),
    ],
)
@pytest.mark.usefixtures("of_older_version")
def test_a_past_that_is_not_whole_is_not_told(
    spoil: Callable[[EmbeddedStore], None], store: EmbeddedStore, source: SmallSource
) -> None:
    spoil(store)
    with pytest.raises(NoBuild, match="Stripe does not answer"):
        replica(store, source).metrics("towpilot")


@pytest.mark.usefixtures("of_older_version")
def test_figures_of_another_account_are_not_told(store: EmbeddedStore, source: SmallSource) -> None:
    with pytest.raises(NoBuild, match="Stripe does not answer"):
        replica(store, source, origin="stripe-live").metrics("towpilot")
