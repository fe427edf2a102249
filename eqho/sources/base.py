"""The protocol of a source of Stripe objects, its errors, and the reading of its lists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from eqho.issues import Issue

Raw = dict[str, Any]
PAGE_SIZE = 100

# Catalogue first, then what refers to it: an interrupted pull can already be shown.
KINDS = (
    "product",
    "price",
    "coupon",
    "customer",
    "subscription",
    "subscription_schedule",
    "invoice",
    "invoiceitem",
    "credit_note",
    "refund",
    "dispute",
)


class SourceError(Exception):
    """The source cannot answer now. The message is one sentence that says what to do."""


class KeyRefused(SourceError):
    """The key itself is not valid (any more): nothing that it reads afterwards can be told from a gap."""


class SourceDenied(SourceError):
    """The key is valid, and may not read this kind of object."""


class ObjectUnreadable(SourceError):
    """The source is there, but this one object, or page, cannot be had from it now."""


class Unread(NamedTuple):
    """What was created in this second could not be listed, but for what came all the same."""

    second: int
    why: str


class CursorError(SourceError):
    """The object to go on behind was deleted: go on from its instant instead."""


class Page(NamedTuple):
    """Objects of one kind, newest first, nested lists complete. `last`: nothing older follows, however many
    objects there are.

    `flawed`: why the nested lists of some are cut, by id. After `unread` it goes on with what was created
    before that second."""

    objects: list[Raw]
    last: bool
    flawed: Mapping[str, str] = {}
    unread: Unread | None = None


class Source(Protocol):
    """`name` is shown to people: "stripe", "supabase" or "demo". `splits`: whether lists may be read in
    windows of `created`, by several threads at once."""

    name: str
    splits: bool

    @property
    def requests(self) -> int:
        """Requests sent since the process started (0 where nothing is sent)."""

    @property
    def now(self) -> int | None:
        """The source's own clock, as its last answer told it, in UTC seconds; None where it tells none."""

    def check(self) -> list[Issue]:
        """Probe access; an issue for each permission that is missing, naming the metrics that are lost.

        Raises KeyRefused when the key itself is, SourceDenied when it lacks what no number can do without,
        SourceError when nothing answers.
        """

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        """One page of the objects created in `[created_from, created_before)` that come behind the one with
        the id `after`. A source that does not split may give others too.

        Raises CursorError when `after` does not exist any more.
        """

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        """One object as it is now, None if the source no longer knows it.

        Raises ObjectUnreadable or SourceDenied where this object alone cannot be had, SourceError where the
        source does not answer.
        """

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        """Events created at or after `since`, newest first; of these types only, where some are named.

        Not every source has them.
        """


def created_of(body: Raw) -> int | None:
    """The instant by which Stripe's lists order and filter. Invoice items call it `date`."""
    created = body.get("created", body.get("date"))
    return created if isinstance(created, int) else None


def pages(source: Source, kind: str, created_before: int, *, created_from: int = 0) -> Iterator[Page]:
    """Every page of the objects created in `[created_from, created_before)`."""
    after: str | None = None
    oldest: int | None = None
    last = False
    while not last:
        try:
            page = source.page(kind, created_from, created_before, after)
        except CursorError:
            if oldest is None:
                raise
            # What was created in the same second comes again; nothing is left out.
            created_before, after = oldest + 1, None
            continue
        yield page
        last = page.last
        if page.unread:
            created_before, after = page.unread.second, None
        elif page.objects:
            after, oldest = page.objects[-1]["id"], created_of(page.objects[-1])


@runtime_checkable
class TellsItemCoupons(Protocol):
    """A source that can show the coupons of a subscription's items also where they are deleted."""

    def item_coupons(self, subscription_id: str) -> list[Raw]:
        """Whole, as the discounts hold them. Raises SourceError."""


@runtime_checkable
class Identified(Protocol):
    """A source that can tell whose data it reads."""

    @property
    def key_mark(self) -> str:
        """A fingerprint of the key and where it is used, from which it cannot be told."""

    def account(self) -> str | None:
        """The account's own id, None where the key may not know it. Raises KeyRefused, SourceError."""
