"""The parts in the store: a process that starts, or that leads after another one, goes on with them.

Nothing is believed of them but what the prints of the mirror confirm, so it does not matter who stored them,
and when. They are cut into records; what was cut off half-way, or mixed of two, does not have its digest.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import msgspec

import eqho
from eqho.billing.normalise import Common
from eqho.ledger.derived import Derived
from eqho.ledger.tables import pack_derived, unpack_derived
from eqho.refresh.kept import Kept
from eqho.store.base import Print, Store

_KIND = "ledger_parts"
_CHUNK = 8_000_000
# What parts, their prints and this form of them are made by.
_MAKERS = ("billing", "ledger", "refresh", "store", "issues.py", "money.py", "names.py", "periods.py")


class Saved(NamedTuple):
    """`kept` and `derived` of all customers, and what they rest on in common."""

    shared_print: Mapping[str, Print]
    common: Common
    kept: Mapping[str, Kept]
    derived: Derived


class _Packed(NamedTuple):
    made_by: str
    shared_print: dict[str, Print]
    common: Common
    kept: dict[str, Kept]
    derived: bytes


class _Manifest(msgspec.Struct):
    digest: str
    chunks: int


class StoredParts:
    """One set of parts in `store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, saved: Saved) -> None:
        """Raises StoreError. Of two processes that do so at once, one or none succeeds."""
        maker = made_by()
        if maker is None:
            return
        derived = pack_derived(saved.derived)
        packed = _Packed(maker, dict(saved.shared_print), saved.common, dict(saved.kept), derived)
        payload = msgspec.msgpack.encode(packed)
        chunks = [payload[at : at + _CHUNK] for at in range(0, len(payload), _CHUNK)]
        for number, chunk in enumerate(chunks):
            if not self._put(f"{number:04}", {"bytes": chunk}):
                return
        self._put("manifest", msgspec.structs.asdict(_Manifest(_digest(payload), len(chunks))))

    def load(self) -> Saved | None:
        """None where there are none, or not of this version of the program. Raises StoreError."""
        record = self._store.record(_KIND, "manifest")
        if record is None:
            return None
        manifest = msgspec.convert(record.body, _Manifest)
        payload = b"".join(self._chunk(number) for number in range(manifest.chunks))
        if _digest(payload) != manifest.digest:
            return None
        # Of another version only the first field is sure to be what it is called.
        maker, *_ = msgspec.msgpack.decode(payload)
        if maker is None or maker != made_by():
            return None
        packed = msgspec.msgpack.decode(payload, type=_Packed)
        return Saved(packed.shared_print, packed.common, packed.kept, unpack_derived(packed.derived))

    def _chunk(self, number: int) -> bytes:
        record = self._store.record(_KIND, f"{number:04}")
        return b"" if record is None else bytes(record.body["bytes"])

    def _put(self, name: str, body: Mapping[str, object]) -> bool:
        before = self._store.record(_KIND, name)
        return self._store.put_record(_KIND, name, body, 0 if before is None else before.number)


def _digest(payload: bytes) -> str:
    return hashlib.blake2b(payload, digest_size=32).hexdigest()


@cache
def made_by() -> str | None:
    """The code that derives, by its text; None where that cannot be read."""
    package = Path(eqho.__file__).parent
    found = hashlib.blake2b(version("msgspec").encode(), digest_size=16)
    for maker in _MAKERS:
        path = package / maker
        files = sorted(path.glob("*.py")) if path.is_dir() else [path] if path.is_file() else []
        if not files:
            return None
        for file in files:
            found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()
