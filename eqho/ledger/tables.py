"""A ledger as bytes, for the store: MessagePack, compressed."""

import zlib

import msgspec

from eqho.ledger.build import Ledger
from eqho.ledger.cash import Cash
from eqho.ledger.spans import Spans

_LEVEL = 1  # spans are mostly repeated codes: more effort gains little

# Everything but the columns, whose arrays go as raw bytes.
_FIELDS = [field for field in msgspec.structs.fields(Ledger) if field.name not in {"spans", "cash"}]
_Rest = msgspec.defstruct("_Rest", [(field.name, field.type) for field in _FIELDS], array_like=True)


def pack(ledger: Ledger) -> bytes:
    rest = [getattr(ledger, field.name) for field in _FIELDS]
    return zlib.compress(msgspec.msgpack.encode((ledger.spans.packed(), ledger.cash.packed(), rest)), _LEVEL)


def unpack(payload: bytes) -> Ledger:
    packed = zlib.decompress(payload)
    spans, cash, rest = msgspec.msgpack.decode(packed, type=tuple[bytes, bytes, _Rest])  # type: ignore[valid-type]
    return Ledger(spans=Spans.unpacked(spans), cash=Cash.unpacked(cash), **msgspec.structs.asdict(rest))
