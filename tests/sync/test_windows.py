import msgspec
import pytest

from eqho.sync.windows import KindState, Window

DAY = 86_400
BOUND = 1_000 * DAY


def read(state: KindState, window: Window, pages: int, down_to: int) -> None:
    for _ in range(pages - 1):
        window.advance(100, "x", down_to + 1, last=False)
    window.advance(100, "id", down_to, last=False)


def test_a_kind_begins_with_one_window_without_a_lower_end() -> None:
    state = KindState.begin(1, BOUND, relist=False)
    assert state.windows == [Window(start=0, before=BOUND, top=BOUND)]


def test_what_is_left_is_estimated_by_the_density_read_so_far() -> None:
    state = KindState.begin(1, BOUND, relist=False)
    window = state.windows[0]
    assert state.pages_left(window, since=0) == 0  # nothing read, nothing known
    read(state, window, pages=3, down_to=990 * DAY)
    assert state.pages_left(window, since=0) == 0  # too little
    read(state, window, pages=7, down_to=900 * DAY)
    assert state.pages_left(window, since=0) == 90
    assert state.pages_left(window, since=500 * DAY) == 40
    assert state.pages_left(window, since=950 * DAY) == 0


def test_a_split_takes_the_older_half_and_loses_nothing() -> None:
    state = KindState.begin(1, BOUND, relist=False)
    window = state.windows[0]
    read(state, window, pages=10, down_to=900 * DAY)
    older = state.split(window, since=100 * DAY)
    assert (window.start, window.before, window.after) == (500 * DAY, BOUND, "id")
    assert (older.start, older.before, older.after) == (0, 500 * DAY, None)
    assert state.windows == [window, older]


def test_a_window_is_done_with_its_last_page_or_below_its_start() -> None:
    window = Window(start=500, before=1_000, top=1_000)
    window.advance(100, "a", 500, last=False)
    assert not window.done  # more may have been created in the same second
    window.advance(100, "b", 499, last=False)
    assert window.done
    window = Window(start=0, before=1_000, top=1_000)
    window.advance(0, None, None, last=True)
    assert window.done


def test_a_lost_cursor_goes_on_at_the_second_of_the_last_object() -> None:
    window = Window(start=0, before=1_000, top=1_000)
    window.advance(100, "a", 700, last=False)
    window.skip_cursor()
    assert (window.before, window.after) == (701, None)


def test_the_share_is_of_the_time_since_the_account_began() -> None:
    state = KindState.begin(1, BOUND, relist=False)
    window = state.windows[0]
    assert state.share(None) is None
    read(state, window, pages=1, down_to=900 * DAY)
    assert state.share(500 * DAY) == pytest.approx(0.2)
    older = state.split(window, since=500 * DAY)
    assert state.share(500 * DAY) == pytest.approx(0.2)
    older.done = True
    assert state.share(500 * DAY) == pytest.approx(0.6)
    window.done = True
    assert state.share(500 * DAY) == pytest.approx(1.0)


def test_it_is_saved_and_read_back_as_it_is() -> None:
    state = KindState.begin(1, BOUND, relist=True)
    read(state, state.windows[0], pages=2, down_to=900 * DAY)
    state.split(state.windows[0], since=0)
    state.seen = ["a", "b"]
    assert msgspec.convert(state.document(), KindState) == state
