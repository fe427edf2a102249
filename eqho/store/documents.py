"""What a document goes through on its way into BSON and back, the same for every store.

BSON reads `{"$ref": …, "$id": …}` as a reference and ends a name at a zero byte, and MongoDB refuses some
names that begin with a dollar; Stripe's metadata may hold any of them. Such keys are percent-encoded, in the
documents that have one, and these are marked with the key `%`, which no encoded key can be.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any, TypeVar

import bson
import msgspec
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.errors import InvalidDocument
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.raw_bson import RawBSONDocument

from eqho.store.base import INPUTS, Document, InputsChanged, StoreError

T = TypeVar("T")

_MARK = "%"
_UNSAFE = re.compile(r"^\$|[%\0]")
_ESCAPABLE = re.compile(r"[$%\0]")
_ESCAPE = re.compile(r"%(24|25|00)")
_KEPT = (int, float, bytes, ObjectId, type(None))
_INT64 = range(-(2**63), 2**63)
# In encoded BSON: a type, behind it a key that begins with a dollar, or has a per cent sign before it ends.
# Bytes of numbers may look like one too, which costs time and nothing else.
_UNSAFE_ENCODED = re.compile(rb"[\x01-\x13\x7f\xff](?:\$|[^\0%]*%)")
_TO_JSON = msgspec.json.Encoder(decimal_format="string")
_FROM_JSON = msgspec.json.Decoder()


class _PlainInt(TypeDecoder):
    """Int64 would come back as a subclass of int, which strict decoders refuse."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


CODEC: CodecOptions[Document] = CodecOptions(
    tz_aware=True, tzinfo=UTC, type_registry=TypeRegistry([_PlainInt()])
)


def seal(document: Mapping[str, Any]) -> Document:
    """A copy that BSON holds without loss: Decimals become strings, tuples lists, unsafe keys are encoded.

    Instants are kept to the millisecond. Raises StoreError for a value BSON has no type for.
    """
    unsafe: list[str] = []
    plain: Document = _plain(document, unsafe)
    if not unsafe:
        return plain
    return {_MARK: True, **_renamed(plain, _escape)}


def unseal(document: Document) -> Document:
    """The inverse of `seal`."""
    if _MARK not in document:
        return document
    del document[_MARK]
    renamed: Document = _renamed(document, _unescape)
    return renamed


def pack(document: Mapping[str, Any]) -> bytes:
    return bson.encode(seal(document))


def unpack(blob: bytes) -> Document:
    return unseal(bson.decode(blob, CODEC))


def pack_body(body: Mapping[str, Any]) -> bytes:
    """JSON of what came as JSON: any key is safe in it, and it is typed without a dict in between."""
    try:
        return _TO_JSON.encode(body)
    except (TypeError, ValueError, OverflowError):
        return _TO_JSON.encode(_plain(body, []))


def unpack_body(blob: bytes) -> Document:
    """The inverse of `pack_body`, and of the `pack` of older versions."""
    if is_bson(blob):
        return unpack(blob)
    body: Document = _FROM_JSON.decode(blob)
    return body


def is_bson(blob: bytes) -> bool:
    """BSON begins with its own length; JSON, read as one, would be of more than 500 MB."""
    return int.from_bytes(blob[:4], "little") == len(blob)


def raw_body(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `seal` makes of a body that came as JSON, encoded already: walking through each of its values
    costs far more than encoding it."""
    try:
        blob = bson.encode(body)
    except (InvalidDocument, ValueError, OverflowError, TypeError):
        return seal(body)
    return seal(body) if _UNSAFE_ENCODED.search(blob) else RawBSONDocument(blob)


def marks(kind: str, packed: bytes) -> tuple[int, int]:
    """Two numbers of 40 bits that stand for one stored document: their sums over millions stay in 64 bits,
    and sums that agree mean the same documents."""
    digest = blake2b(packed, digest_size=10, person=kind.encode()[:16]).digest()
    return int.from_bytes(digest[:5]), int.from_bytes(digest[5:])


def utc_now() -> datetime:
    return datetime.now(UTC)


def input_name(name: str) -> str:
    """`name` itself. ValueError when it is not one of INPUTS."""
    if name not in INPUTS:
        raise ValueError(f"{name!r} is not an input; the inputs are {', '.join(INPUTS)}.")
    return name


def inputs_changed() -> InputsChanged:
    return InputsChanged("Somebody else has changed this list meanwhile: read it again, then write yours.")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def _plain(value: Any, unsafe: list[str]) -> Any:
    # Every value of every object comes through here: the exact types of JSON first.
    kind = type(value)
    if kind is str or isinstance(value, str):
        # JSON can spell half a surrogate pair, which is not text.
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if value is None or kind is bool or kind is float or (kind is int and value in _INT64):
        return value
    if kind is list:
        return [_plain(item, unsafe) for item in value]
    if kind is dict or isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise StoreError(f"A document cannot be stored: its key {key!r} is not text.")
            if _is_unsafe(key):
                unsafe.append(key)
        return {key: _plain(item, unsafe) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, unsafe) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if isinstance(value, int) and value not in _INT64:
        raise StoreError("A document cannot be stored: one of its integers has more than 64 bits.")
    if isinstance(value, _KEPT):
        return value
    found = "datetime without a time zone" if isinstance(value, datetime) else kind.__name__
    raise StoreError(f"A document cannot be stored: it holds a {found}.")


@lru_cache(maxsize=4_096)
def _is_unsafe(key: str) -> bool:
    return _UNSAFE.search(key) is not None


def _renamed(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {rename(key): _renamed(item, rename) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, rename) for item in value]
    return value


def _escape(key: str) -> str:
    return _ESCAPABLE.sub(lambda found: f"%{ord(found[0]):02x}", key)


def _unescape(key: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), key)
