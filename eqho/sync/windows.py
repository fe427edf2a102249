"""Where the pull of one kind stands: `created` windows that can be split, saved after every page.

Lists are newest first, so a window `[start, before)` is read downwards; what is left of it is
`[start, oldest]`. An idle worker takes over the older half of what is left of the largest window.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

# A split costs at most one page that is not full: only worth it where many pages are left.
SPLIT_PAGES = 16
# The newest page alone misleads: accounts grow, and bill at the same hours.
EVIDENCE_PAGES = 4


class Window(msgspec.Struct):
    """`top` is where it began (exclusive), `after` and `oldest` the last object read."""

    start: int
    before: int
    top: int
    after: str | None = None
    oldest: int | None = None
    pages: int = 0
    done: bool = False

    def advance(self, objects: int, after: str | None, oldest: int | None, last: bool) -> None:
        self.pages += 1
        if objects:
            self.after, self.oldest = after, oldest
        self.done = last or (oldest is not None and oldest < self.start)

    def step_over(self, second: int) -> None:
        """Go on before a second of which not everything could be listed."""
        self.before, self.oldest, self.after = second, second, None
        self.done = second <= self.start

    def skip_cursor(self) -> None:
        """The object to go on behind is gone: go on at its second, part of which is read again."""
        if self.oldest is not None:
            self.before = self.oldest + 1
        self.after = None


class KindState(msgspec.Struct):
    """Saved in `sync_state` as `pull:<kind>`. `number` is the pull's, `bound` its upper end.

    `seen` and `spilled` serve the search for what is gone: kept only when the kind was mirrored before.
    """

    number: int
    bound: int
    windows: list[Window]
    relist: bool
    seen: list[str] = []
    spilled: int = 0
    done: bool = False

    @classmethod
    def begin(cls, number: int, bound: int, relist: bool, cuts: Sequence[int] = ()) -> "KindState":
        """One window, or those between `cuts`: instants, newest first, and so they are read."""
        tops = [bound, *cuts]
        starts = [*cuts, 0]
        windows = [Window(start, top, top) for start, top in zip(starts, tops, strict=True)]
        return cls(number, bound, windows, relist)

    def document(self) -> dict[str, Any]:
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]

    @property
    def earliest(self) -> int | None:
        return min((w.oldest for w in self.windows if w.oldest is not None), default=None)

    def pages_left(self, window: Window, since: int) -> float:
        """Estimated by the density of what this window has read, or the kind as long as that is little.

        `since` is where the account began.
        """
        covered = sum(w.top - w.oldest for w in self.windows if w.oldest is not None)
        pages = sum(w.pages for w in self.windows)
        if window.done or window.oldest is None:
            return 0.0
        if window.pages >= EVIDENCE_PAGES:
            covered, pages = window.top - window.oldest, window.pages
        if pages < EVIDENCE_PAGES or not covered:
            return 0.0
        return pages / covered * max(0, window.oldest - max(window.start, since))

    def split(self, window: Window, since: int) -> Window:
        """The older half of what is left of `window`, which keeps the newer half."""
        assert window.oldest is not None, "a window is split after its first page"
        middle = (window.oldest + max(window.start, since)) // 2
        older = Window(window.start, middle, middle)
        window.start = middle
        self.windows.append(older)
        return older

    @property
    def complete_from(self) -> int:
        """Everything that was created at or after this instant is read."""
        reached = self.bound
        for window in sorted(self.windows, key=lambda w: w.top, reverse=True):
            if not window.done:
                # More may have been created in the second of the last one.
                return reached if window.oldest is None else min(reached, window.oldest + 1)
            reached = window.start
        return 0

    def share(self, since: int | None, before: Callable[[int], float] | None = None) -> float | None:
        """How much is read, 0..1: of the objects where `before` tells how many were created before an
        instant, else of the time from `since` to the bound."""
        if since is None or since >= self.bound:
            return None
        count = before or (lambda at: float(max(0, at - since)))
        whole = count(self.bound)
        left = sum(count(_position(w)) - count(w.start) for w in self.windows if not w.done)
        return min(1.0, max(0.0, 1 - left / whole)) if whole else None


def _position(window: Window) -> int:
    return window.top if window.oldest is None else max(window.start, window.oldest)
