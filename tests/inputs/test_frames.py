"""Any bytes are a table of text or get a sentence."""

import io
import zipfile
from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqho.errors import BadArgument
from eqho.inputs.exports import read_export
from eqho.inputs.readers.frames import UnreadableFile, read_frame
from eqho.inputs.readers.profit_and_loss import read_profit_and_loss

CSV_LIKE = st.text(alphabet="ab,;\t\"\n\r 1-/.'é|{}[]", max_size=200).map(str.encode)


@given(st.binary(max_size=200) | CSV_LIKE)
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    for read in (
        lambda: read_frame("x.csv", data),
        lambda: read_frame("x.csv", data, header=None),
        lambda: read_export(data, "usd"),
        lambda: read_profit_and_loss("x.csv", data),
    ):
        with suppress(BadArgument):
            read()


def workbook() -> bytes:
    book = io.BytesIO()
    pd.DataFrame({"customer id": ["cus_1"], "month": ["2026-10"], "mrr": [5]}).to_excel(book, index=False)
    return book.getvalue()


# Made once: it holds the instant at which it was made, and with that its size may change.
WORKBOOK = workbook()


@given(st.data())
def test_a_workbook_with_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadArgument):
        read_export(bytes(content), "usd")


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_unread() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 250_000_000)
    assert len(packed.getvalue()) < 1_000_000
    with pytest.raises(UnreadableFile, match="far larger once unpacked"):
        read_frame("x.xlsx", packed.getvalue())
