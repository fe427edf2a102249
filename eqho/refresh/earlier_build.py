"""What is kept of a build that another version or configuration of ours made, when it is made anew."""

from collections.abc import Collection
from typing import NamedTuple

from eqho.history.evidence import NEEDED
from eqho.issues import NOT_READ_YET, Issue
from eqho.refresh.standstill import confirmed_at
from eqho.store.base import Document, Store
from eqho.sync import Owner
from eqho.sync.progress import LABELS


class EarlierBuild(NamedTuple):
    """`mark`: whose data it is. `now` is that of its figures, `refreshed_at` when they were last found to be
    up to date. `issues`: all that was said of them."""

    mark: Document
    now: int
    refreshed_at: int
    issues: tuple[Issue, ...]

    def issues_beside(self, told_anew: Collection[Issue]) -> tuple[Issue, ...]:
        """What the source complained of then: the rest is told anew."""
        codes = {issue.code for issue in told_anew}
        return tuple(issue for issue in self.issues if issue.code not in codes)


def earlier_build(store: Store, owner: Owner, made_with: str) -> EarlierBuild | None:
    """The last build, where it was not made with that; None also where there is none of this account, or it
    is but a first look. Raises StoreError."""
    build = store.latest_build()
    if build is None or build.meta.get("made_with") == made_with:
        return None
    meta = build.meta
    if meta.get("provisional") or not owner.owns(meta):
        return None
    return EarlierBuild(
        {name: meta[name] for name in ("origin", "keys")},
        meta["now"],
        max(meta["refreshed_at"], confirmed_at(store, build.generation)),
        issues_of(meta),
    )


def issues_of(meta: Document) -> tuple[Issue, ...]:
    """What a build says of itself."""
    return tuple(Issue(code, text, tuple(subjects)) for code, text, subjects in meta["issues"])


def not_read_yet(kinds: frozenset[str]) -> list[Issue] | None:
    """Of kinds that an older version did not read. None where without one of them the past is not told."""
    if kinds & NEEDED:
        return None
    return [
        Issue(NOT_READ_YET, f"{LABELS[kind].capitalize()} are read with the next refresh.", (kind,))
        for kind in sorted(kinds)
    ]
