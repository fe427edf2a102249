"""Named views over a real store: kept, renamed, deleted, by several at once, and while the store is away."""

import threading

import pytest

from eqho.errors import BadArgument
from eqho.store.base import Record, StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.tiers.saved_views import LONGEST_NAME, MOST, SavedViews


def names(views: SavedViews) -> list[str]:
    return [one.name for one in views.all()]


def fresh(store: EmbeddedStore, origin: str = "demo") -> SavedViews:
    """As another replica, or the next start, sees them."""
    return SavedViews(store, origin)


def test_a_view_is_kept_renamed_and_deleted(store: EmbeddedStore) -> None:
    views = SavedViews(store, "demo")
    saved = views.save("  Board\n meeting ", "trends", "metrics=mrr%2Carr&policy=stripe")
    views.save("audit", "", "")
    (_, found) = fresh(store).all()
    assert (found.name, found.page, found.query) == (
        "Board meeting",
        "trends",
        "metrics=mrr%2Carr&policy=stripe",
    )
    views.rename(saved.id, "A board")
    assert names(views) == names(fresh(store)) == ["A board", "audit"]
    assert fresh(store).all()[0].query == found.query
    views.delete(saved.id)
    assert names(views) == names(fresh(store)) == ["audit"]


def test_one_companys_views_are_not_anothers(store: EmbeddedStore) -> None:
    SavedViews(store, "demo").save("Mine", "cash", "")
    assert names(fresh(store, "stripe-live")) == []


@pytest.mark.parametrize("name", ["", " \n\t", "\u200b", "x" * (LONGEST_NAME + 1)])
def test_a_name_that_cannot_be_used(store: EmbeddedStore, name: str) -> None:
    views = SavedViews(store, "demo")
    saved = views.save("Kept", "cash", "")
    with pytest.raises(BadArgument, match="a name of 1 to"):
        views.save(name, "cash", "")
    with pytest.raises(BadArgument, match="a name of 1 to"):
        views.rename(saved.id, name)
    assert names(fresh(store)) == ["Kept"]


def test_a_name_is_taken_once(store: EmbeddedStore) -> None:
    views = SavedViews(store, "demo")
    views.save("Board", "cash", "")
    other = views.save("Other", "cash", "")
    with pytest.raises(BadArgument, match="There is a view “BOARD” already"):
        views.save("BOARD", "trends", "")
    with pytest.raises(BadArgument, match="already"):
        views.rename(other.id, "board")
    views.rename(other.id, "OTHER")
    assert names(views) == ["Board", "OTHER"]


def test_no_more_than_can_be_listed(store: EmbeddedStore) -> None:
    views = SavedViews(store, "demo")
    for number in range(MOST):
        views.save(f"View {number}", "cash", "")
    with pytest.raises(BadArgument, match="delete one first"):
        views.save("One more", "cash", "")
    with pytest.raises(BadArgument, match="too long"):
        views.save("Long", "cash", "x" * 5_000)
    assert len(names(fresh(store))) == MOST


def test_of_several_who_save_at_once_none_is_lost(store: EmbeddedStore) -> None:
    together = threading.Barrier(4)

    def save(number: int) -> None:
        together.wait()
        SavedViews(store, "demo").save(f"View {number}", "cash", "")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(fresh(store)) == [f"View {number}" for number in range(4)]


def test_while_the_store_is_away_the_last_known_stay_and_it_is_asked_seldom(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, asked = [0.0], 0
    views = SavedViews(store, "demo", lambda: now[0])
    views.save("Board", "cash", "")

    def away(kind: str, record_id: str) -> Record | None:
        nonlocal asked
        asked += 1
        raise StoreUnavailable("The store does not answer.")

    monkeypatch.setattr(store, "record", away)
    for now[0] in (0.0, 1.0, 9.0, 20.0):
        assert names(views) == ["Board"]
    assert asked == 2
    with pytest.raises(StoreUnavailable):
        views.save("Another", "cash", "")
