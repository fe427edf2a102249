"""What was left out of the numbers, and why: the one form in which every layer reports it."""

from collections.abc import Iterable

import msgspec

PAST_UNKNOWN = "past_unknown"
"""The source tells of today only: what needs the past is not defined."""
NOT_IN_SOURCE = "not_in_source"
"""What the source does not hold, with the kinds of objects where it holds none of one."""
NOT_READ_YET = "not_read_yet"
"""What the source may hold and an older version of ours did not read, with the kinds of objects."""
FELL_BACK = "fell_back"
"""Another source stands in for the one that is set."""
CLOCK_WRONG = "clock_wrong"
"""This machine's clock is not the source's."""
STORE_DAMAGED = "store_damaged"
"""The file of the history was damaged and began anew."""


class Issue(msgspec.Struct, frozen=True):
    """One kind of trouble in the data.

    `code` is stable and machine-readable (`unmapped`, `unreadable_invoice`), `message` is a sentence that
    says what was left out and what to do, `subjects` are the Stripe ids concerned.
    """

    code: str
    message: str
    subjects: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return max(1, len(self.subjects))


def gather(found: Iterable[tuple[str, str, str]]) -> list[Issue]:
    """Group `(code, message, subject)` rows into one issue per code and message, in order of appearance."""
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for code, message, subject in found:
        groups.setdefault((code, message), {})[subject] = None
    return [Issue(code, message, tuple(subjects)) for (code, message), subjects in groups.items()]
