"""A ledger as bytes, for the store and for other tools: its columns are Arrow, the rest MessagePack."""

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from eqho.ledger.build import Ledger
from eqho.ledger.cash import Bill, Cash, CashFlow, Share
from eqho.ledger.columns import Column, Table, columns_of
from eqho.ledger.derived import Block, Derived
from eqho.ledger.parts import Rest
from eqho.ledger.spans import Span, Spans
from eqho.money import MRR_SCALE

# A level more gains little and costs a third; without threads the same ledger gives the same bytes.
_CODEC = pa.Codec("zstd", 2)
_ZSTD = pa.ipc.IpcWriteOptions(compression=_CODEC, use_threads=False)
_READ = pa.ipc.IpcReadOptions(use_threads=False)

# Everything but the columns.
_FIELDS = [field for field in msgspec.structs.fields(Ledger) if field.name not in {"spans", "cash"}]
_Rest = msgspec.defstruct("_Rest", [(field.name, field.type) for field in _FIELDS], array_like=True)


def pack(ledger: Ledger) -> bytes:
    rest = msgspec.msgpack.encode([getattr(ledger, field.name) for field in _FIELDS])
    parts = (_stream(ledger.spans, Span), _stream(ledger.cash, CashFlow), zlib.compress(rest, 1))
    return msgspec.msgpack.encode(parts)


def unpack(payload: bytes) -> Ledger:
    """The arrays are read-only views of what Arrow decompressed."""
    spans, cash, rest = msgspec.msgpack.decode(payload, type=tuple[memoryview, memoryview, memoryview])
    told = msgspec.msgpack.decode(zlib.decompress(rest), type=_Rest)
    return Ledger(
        spans=Spans(**_columns(spans, Span)),
        cash=Cash(**_columns(cash, CashFlow)),
        **msgspec.structs.asdict(told),
    )


def pack_derived(derived: Derived) -> bytes:
    blocks = [
        (block.first, *(_columns_stream(table.row, table.arrays, table.names) for table in block.tables))
        for block in derived.blocks
    ]
    return msgspec.msgpack.encode((blocks, msgspec.msgpack.encode(derived.rests)))


def unpack_derived(payload: bytes) -> Derived:
    blocks, rests = msgspec.msgpack.decode(
        payload, type=tuple[list[tuple[str, memoryview, memoryview, memoryview]], memoryview]
    )
    return Derived(
        tuple(
            Block(first, _table(Span, spans), _table(Bill, bills), _table(Share, shares))
            for first, spans, bills, shares in blocks
        ),
        msgspec.msgpack.decode(rests, type=dict[str, Rest]),
    )


def _table(row: type, stream: memoryview) -> Table:
    found = _columns(stream, row)
    names = found.pop("names")
    return Table(row, found, names)


def parquet(ledger: Ledger) -> bytes:
    """The published spans, one row each, under the names of `Span`; what the numbers mean is in the file."""
    batch = _batch(ledger.spans, Span)
    said = {
        "mrr_units_per_minor_unit": str(MRR_SCALE),
        "instants": "UTC seconds; an end that has not come is 2^61",
        "states": "0 active, 1 past due, 2 paused, 3 free period: MRR are the rows below 2",
        "evidence": "0 event, 1 schedule, 2 proration, 3 invoice, 4 today's state",
        "now": str(ledger.now),
    }
    table = pa.Table.from_batches([batch]).replace_schema_metadata(said)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def schema_of(row: type) -> pa.Schema:
    return pa.schema([pa.field(column.name, _type(column), nullable=False) for column in columns_of(row)])


def _type(column: Column) -> pa.DataType:
    known = pa.from_numpy_dtype(column.dtype)
    return pa.dictionary(known, pa.utf8()) if column.text else known


def _batch(table: Spans | Cash, row: type) -> pa.RecordBatch:
    return _record_batch(row, vars(table), table.names)


def _record_batch(row: type, found: Mapping[str, Any], names: Mapping[str, list[str]]) -> pa.RecordBatch:
    arrays = []
    for column in columns_of(row):
        values = pa.array(found[column.name])
        if column.text:
            values = pa.DictionaryArray.from_arrays(values, pa.array(names[column.name], pa.utf8()))
        arrays.append(values)
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(row))


def _stream(table: Spans | Cash, row: type) -> bytes:
    return _columns_stream(row, vars(table), table.names)


def _columns_stream(row: type, found: Mapping[str, Any], names: Mapping[str, list[str]]) -> bytes:
    """Of a text its codes, and the names beside them: in Arrow each name has an offset, which together cost
    more than all codes."""
    columns = columns_of(row)
    schema = pa.schema([pa.field(one.name, pa.from_numpy_dtype(one.dtype)) for one in columns])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=_ZSTD) as writer:
        writer.write_batch(
            pa.RecordBatch.from_arrays([pa.array(found[one.name]) for one in columns], schema=schema)
        )
    texts = msgspec.msgpack.encode({one.name: names[one.name] for one in columns if one.text})
    packed = bytes(_CODEC.compress(texts, asbytes=True))
    return msgspec.msgpack.encode((bytes(sink.getvalue()), len(texts), packed))


def _columns(stream: memoryview, row: type) -> dict[str, Any]:
    codes, size, packed = msgspec.msgpack.decode(stream, type=tuple[memoryview, int, memoryview])
    with pa.ipc.open_stream(pa.py_buffer(codes), options=_READ) as reader:
        batch = reader.read_next_batch()
    texts = _CODEC.decompress(packed, decompressed_size=size, asbytes=True)
    found = {
        # Arrow keeps a truth value in a bit: NumPy needs a byte of its own.
        column.name: batch.column(column.name).to_numpy(zero_copy_only=column.dtype.kind != "b")
        for column in columns_of(row)
    }
    return found | {"names": msgspec.msgpack.decode(texts, type=dict[str, list[str]])}
