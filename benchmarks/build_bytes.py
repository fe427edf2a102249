"""A build of 200,000 spans on its way into the store and out, beside the format before Arrow (MessagePack of
raw columns, zlib), and its Parquet file in DuckDB. Goal: at least as fast and as small."""

import string
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import duckdb
import msgspec
import numpy as np

from benchmarks.movements import CUSTOMERS, NOW, SPANS, random_spans
from benchmarks.timing import measure, print_table
from eqho.ledger.build import Ledger
from eqho.ledger.spans import Spans
from eqho.ledger.tables import pack, parquet, unpack

TIMES = 15


def run() -> None:
    random = np.random.default_rng(7)
    spans = named(random_spans(random), random)
    ledger = Ledger(spans, {}, {}, {}, (), (), (), NOW)
    before, now = packed_before(spans), pack(ledger)
    equal = all(
        np.array_equal(getattr(unpack(now).spans, name), getattr(unpacked_before(before), name))
        for name in columns()
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.parquet"
        file.write_bytes(parquet(ledger))
        asked = f"SELECT sum(net_eqho) FROM '{file}' WHERE state < 2 AND start <= {NOW} AND \"end\" > {NOW}"
        told = int(duckdb.execute(asked).fetchall()[0][0])
        rows = [
            row("packed before: MessagePack, zlib", lambda: packed_before(spans), len(before)),
            row("packed now: Arrow, zstd", lambda: pack(ledger), len(now)),
            row("unpacked before", lambda: unpacked_before(before)),
            row("unpacked now", lambda: unpack(now)),
            row("written as Parquet", lambda: parquet(ledger), file.stat().st_size),
            row("MRR by DuckDB from that file", lambda: duckdb.execute(asked).fetchall()),
        ]
    print_table(("step", "median ms", "MB"), rows)
    running = (spans.start <= NOW) & (spans.end > NOW)
    ours = int(spans.net_eqho[running & (spans.state < 2)].sum())
    same = "the same columns out of both" if equal else "the columns DIFFER"
    mrr = "the same MRR" if told == ours else f"MRR DIFFERS: {told:,} and {ours:,}"
    print(f"\n{SPANS:,} spans, {CUSTOMERS:,} customers: {same}, {mrr} from DuckDB.")


def row(name: str, call: Callable[[], object], size: int | None = None) -> tuple[str, str, str]:
    timing = measure(call, TIMES)
    return name, f"{timing.median * 1000:.1f}", "" if size is None else f"{size / 1e6:.2f}"


def named(spans: Spans, random: np.random.Generator) -> Spans:
    """With ids as Stripe's are: nothing in them repeats."""
    ids = {"customer": ("cus", CUSTOMERS), "subscription": ("sub", SPANS), "item": ("si", SPANS)}
    letters = np.frombuffer(string.ascii_letters.encode() + string.digits.encode(), dtype="S1")
    made = {}
    for name, (prefix, count) in ids.items():
        drawn = letters[random.integers(0, len(letters), (count, 14))].view("S14").ravel()
        made[name] = [f"{prefix}_{one.decode()}" for one in drawn]
    return replace(spans, names=spans.names | made | {"product": [""], "price": [""], "invoice": [""]})


def columns() -> list[str]:
    return [field.name for field in fields(Spans) if field.name != "names"]


def packed_before(spans: Spans) -> bytes:
    arrays = {name: (getattr(spans, name).dtype.str, getattr(spans, name).tobytes()) for name in columns()}
    return zlib.compress(msgspec.msgpack.encode((arrays, spans.names)), 1)


def unpacked_before(payload: bytes) -> Spans:
    shape = tuple[dict[str, tuple[str, bytes]], dict[str, list[str]]]
    arrays, names = msgspec.msgpack.decode(zlib.decompress(payload), type=shape)
    found = {name: np.frombuffer(data, dtype=dtype) for name, (dtype, data) in arrays.items()}
    return Spans(**found, names=names)
