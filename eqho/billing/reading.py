"""Decoding raw bodies, and the account of what had to be left out."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec

from eqho.billing import wire, wire_invoices
from eqho.billing.wire import Body, Raw
from eqho.issues import Issue, gather
from eqho.names import readable

Decoded = TypeVar("Decoded", bound=wire.Wire)
Whole = TypeVar("Whole", bound=wire.Whole)

CUT_OFF = "A list inside an object is cut off and the rest of it is left out: fetch the list whole."


class _Part(NamedTuple):
    """A nested list whose elements can be lost one by one."""

    field: str
    kind: str
    struct: type[wire.Wire]


_PARTS = {
    "subscription": _Part("items", "subscription_item", wire.SubscriptionItem),
    "invoice": _Part("lines", "line", wire_invoices.Line),
}


LeftOut = tuple[str, str, str]
"""Code, message and subject of what could not be read."""


class Tally(NamedTuple):
    """How many objects say that they are of live mode and of test mode."""

    live: int = 0
    test: int = 0

    @property
    def fewer_live(self) -> bool:
        return self.live < self.test

    @classmethod
    def of(cls, several: Sequence["Tally"]) -> "Tally":
        """All of them together."""
        return cls(sum(each.live for each in several), sum(each.test for each in several))


class Reader:
    """Decodes bodies one by one and remembers what could not be read, and which mode each object is of."""

    def __init__(self) -> None:
        self._found: dict[LeftOut, None] = {}
        self._modes: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        self.unread: set[tuple[str, str]] = set()
        """(kind, id) of what `read` could not read, stubs among them."""

    def leave_out(self, code: str, message: str, subject: str) -> None:
        self._found[code, readable(message), subject] = None

    @property
    def left_out(self) -> frozenset[LeftOut]:
        return frozenset(self._found)

    @property
    def tally(self) -> Tally:
        return Tally(len(self._modes[True]), len(self._modes[False]))

    def issues(self) -> list[Issue]:
        return gather(self._found)

    def read(self, kind: str, bodies: Iterable[Body], struct: type[Whole]) -> Iterator[Whole]:
        """What can be read of `bodies`. The stub of a deleted object says nothing and is passed over."""
        for body in bodies:
            decoded = self.decode(kind, body, struct)
            if decoded is None:
                self.unread.add((kind, _id_of(opened(body))))
                continue
            if decoded.livemode is not None:
                self._modes[decoded.livemode].append((kind, decoded.id))
            yield decoded

    def decode(self, kind: str, body: Body, struct: type[Decoded]) -> Decoded | None:
        """None where the body cannot be read; that is reported with the path of what is wrong in it."""
        try:
            if isinstance(body, bytes):
                decoded: Decoded = _decoder(struct).decode(body)
                return decoded
            return msgspec.convert(body, struct)
        except msgspec.ValidationError:
            # Whole numbers may come as floats, and one bad element must not lose the others.
            raw = opened(body)
            try:
                return msgspec.convert(self._without_unreadable_parts(kind, raw), struct, strict=False)
            except msgspec.ValidationError as error:
                if not _is_stub(raw):
                    what = kind.replace("_", " ")
                    message = f"This {what} cannot be read and is left out: {error}."
                    self.leave_out(f"unreadable_{kind}", message, _id_of(raw))
                return None

    def _without_unreadable_parts(self, kind: str, body: Raw) -> Raw:
        part = _PARTS.get(kind)
        if part is None or not isinstance(body, dict):
            return body
        nested = body.get(part.field)
        if not isinstance(nested, dict) or not isinstance(nested.get("data"), list):
            return body
        readable = [p for p in nested["data"] if self.decode(part.kind, p, part.struct) is not None]
        return {**body, part.field: {**nested, "data": readable}}

    def minority(self, fewer_live: bool | None = None) -> frozenset[tuple[str, str]]:
        """(kind, id) of the test-mode objects among live ones, or the other way round; reported once.

        `fewer_live`: which of them are the fewer, where more is known than what was read here."""
        live = self.tally.fewer_live if fewer_live is None else fewer_live
        fewer, name = self._modes[live], "live" if live else "test"
        for _, object_id in fewer:
            self.leave_out(
                "mixed_modes",
                f"Live-mode and test-mode objects are mixed: the {name}-mode ones are left out; "
                "connect one account in one mode.",
                object_id,
            )
        return frozenset(fewer)


def opened(body: Body) -> Raw:
    """The object itself."""
    if isinstance(body, bytes):
        raw: Raw = _decoder(dict[str, Any]).decode(body)
        return raw
    return body


@cache
def _decoder(struct: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(struct)


def _is_stub(body: Any) -> bool:
    """All that Stripe answers for a deleted object."""
    return isinstance(body, dict) and body.get("deleted") is True and "created" not in body


def _id_of(body: Any) -> str:
    found = body.get("id") if isinstance(body, dict) else None
    return found if isinstance(found, str) else "without id"
