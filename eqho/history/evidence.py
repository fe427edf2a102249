"""What a build lacks: kinds of objects that were not read, and objects of which only an event tells."""

from collections.abc import Iterable

from eqho.issues import NOT_IN_SOURCE, NOT_READ_YET, PAST_UNKNOWN, Issue
from eqho.sources.base import KINDS

NEEDED = frozenset(KINDS) - {"credit_note", "refund", "dispute"}
"""Without one of these the past is told from less than what happened; without events, less exactly."""

_LACKING = ("missing_permission", "unreadable_object", "unreadable_list", PAST_UNKNOWN, NOT_READ_YET)


def lacks(issues: Iterable[Issue]) -> frozenset[str]:
    """Kinds (`invoice`, `event`) and ids of objects."""
    return frozenset(subject for issue in issues if issue.code in _LACKING for subject in issue.subjects)


def unread_kinds(issues: Iterable[Issue]) -> frozenset[str]:
    """Kinds that the key may not read, or that the source has none of."""
    codes = (*_LACKING, NOT_IN_SOURCE)
    return frozenset(kind for issue in issues if issue.code in codes for kind in issue.subjects) & {*KINDS}


def suffices(lacking: frozenset[str]) -> bool:
    """Whether months may be frozen from it, or held against what was frozen."""
    return not lacking & NEEDED
