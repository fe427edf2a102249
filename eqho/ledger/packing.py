"""A ledger as bytes, for the store: MessagePack, compressed."""

import zlib

import msgspec

from eqho.ledger.build import Ledger
from eqho.ledger.spans import Spans

_LEVEL = 1  # spans are mostly repeated codes: more effort gains little

# Everything but the spans, whose arrays go as raw bytes.
_FIELDS = [field for field in msgspec.structs.fields(Ledger) if field.name != "spans"]
_Rest = msgspec.defstruct("_Rest", [(field.name, field.type) for field in _FIELDS], array_like=True)


def pack(ledger: Ledger) -> bytes:
    rest = [getattr(ledger, field.name) for field in _FIELDS]
    return zlib.compress(msgspec.msgpack.encode((ledger.spans.packed(), rest)), _LEVEL)


def unpack(payload: bytes) -> Ledger:
    spans, rest = msgspec.msgpack.decode(zlib.decompress(payload), type=tuple[bytes, _Rest])  # type: ignore[valid-type]
    return Ledger(spans=Spans.unpacked(spans), **msgspec.structs.asdict(rest))
