"""Comparisons that somebody kept, as dated records in the store: what both sides said on that day."""

import time
import zlib
from collections.abc import Callable
from uuid import uuid4

import msgspec

from eqho.errors import BadArgument
from eqho.metrics.comparison import ComparisonTotals
from eqho.names import on_one_line
from eqho.store.base import Record, Store
from eqho.tiers.comparing import ComparedExport

_SUMMARY, _WHOLE = "comparison", "comparison-whole"
_LARGEST = 12_000_000
"""Bytes: a document of the store holds no more."""
_LONGEST_NAME = 80
LISTED = 100


class SavedComparison(msgspec.Struct, frozen=True):
    """`id` opens it again; `saved_at` in UTC seconds of the real clock, `build` the figures it was held
    against."""

    id: str
    name: str
    saved_at: int
    product: str
    build: int
    currency: str
    policy: str
    months: tuple[str, ...]
    totals: ComparisonTotals


class SavedComparisons:
    """`origin`: whose data they are of. Every method raises StoreError."""

    def __init__(self, store: Store, origin: str, clock: Callable[[], float] = time.time) -> None:
        self._store, self._origin, self._clock = store, origin, clock

    def save(self, found: ComparedExport, name: str, product: str, build: int) -> SavedComparison:
        """Raises BadArgument for a name that cannot be used, or differences that are too many to be kept."""
        name = on_one_line(name)
        if not name or len(name) > _LONGEST_NAME:
            raise BadArgument(f"A comparison is kept under a name of 1 to {_LONGEST_NAME} characters.")
        whole = zlib.compress(msgspec.msgpack.encode(found))
        if len(whole) > _LARGEST:
            raise BadArgument("These are too many differences to be kept: compare one month, or one product.")
        compared = found.comparison
        saved = SavedComparison(
            f"{self._origin}-{uuid4().hex}",
            name,
            int(self._clock()),
            product,
            build,
            compared.currency,
            compared.policy,
            compared.months,
            compared.totals,
        )
        # The whole goes first: what is listed can be opened.
        self._store.put_record(_WHOLE, saved.id, {"compared": whole}, 0)
        self._store.put_record(_SUMMARY, saved.id, msgspec.to_builtins(saved), 0)
        return saved

    def all(self) -> list[SavedComparison]:
        """The last ones, newest first."""
        mine = [one for one in self._store.records(_SUMMARY, LISTED) if self._is_mine(one)]
        return [msgspec.convert(one.body, SavedComparison) for one in mine]

    def open(self, comparison_id: str) -> ComparedExport:
        """Raises BadArgument where there is none."""
        record = self._store.record(_WHOLE, comparison_id)
        if record is None or not self._is_mine(record):
            raise BadArgument(f"There is no kept comparison “{comparison_id[:60]}”.")
        return msgspec.msgpack.decode(zlib.decompress(record.body["compared"]), type=ComparedExport)

    def _is_mine(self, record: Record) -> bool:
        return record.id.startswith(f"{self._origin}-")
