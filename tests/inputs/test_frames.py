"""Any bytes are a table of text or get a sentence."""

import io
import zipfile
from contextlib import suppress

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqho.errors import BadArgument
from eqho.inputs.exports import read_export
from eqho.inputs.readers.frames import UnreadableFile, read_frame, read_sheets
from eqho.inputs.readers.profit_and_loss import read_profit_and_loss
from eqho.inputs.readers.spend_exports import read_spend_export

CSV_LIKE = st.text(alphabet="ab,;\t\"\n\r 1-/.'é|{}[]", max_size=200).map(str.encode)


@given(st.binary(max_size=200) | CSV_LIKE)
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    for read in (
        lambda: read_frame("x.csv", data),
        lambda: read_sheets("x.csv", data),
        lambda: read_spend_export("x.csv", data),
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


def test_what_stands_between_the_cells_is_what_cuts_the_lines_evenly() -> None:
    for separator in ",;\t":
        text = separator.join(("Day", "Name", "Cost")) + "\n"
        text += "".join(separator.join((f"{day}", '"a, b; c\td, e, f"', "1")) + "\n" for day in range(5))
        [sheet] = read_sheets("x.csv", text.encode())
        assert sheet.lines[1] == ("0", "a, b; c d, e, f", "1")
        assert sheet.semicolons == (separator == ";")


def test_lines_may_end_as_an_old_mac_ends_them() -> None:
    [sheet] = read_sheets("x.csv", b"a,b\r1,2\r")
    assert sheet.lines == (("a", "b"), ("1", "2"))


def test_a_quotation_mark_that_is_never_closed_swallows_no_lines() -> None:
    with pytest.raises(UnreadableFile, match=r"line 3: unexpected end of data"):
        read_sheets("x.csv", b'a,b\n1,"2\n3,4\n')


def test_few_bytes_do_not_become_many_cells() -> None:
    with pytest.raises(UnreadableFile, match="too many cells"):
        read_sheets("x.csv", b"," * 100_000 + b"x\n" + b"a\n" * 1_000)


def saved(book: openpyxl.Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_cells_of_a_workbook_are_what_excel_shows_and_formulas_without_a_value_themselves() -> None:
    book = openpyxl.Workbook()
    book.active.append([0.1 + 0.2, 5, 1234.56, None, "=A1+B1", True])
    [sheet] = read_sheets("x.xlsx", saved(book))
    assert sheet.lines == (("0.3", "5", "1234.56", "", "=A1+B1", "True"),)


def test_what_a_workbook_hides_is_not_read_and_of_several_sheets_none_is_guessed() -> None:
    book = openpyxl.Workbook()
    book.active.append(["secret"])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("Shown")
    shown.append(["a"])
    shown.append(["1"])
    book.create_sheet("Empty")
    book.active = 1
    assert [sheet.title for sheet in read_sheets("x.xlsx", saved(book))] == ["Shown"]
    assert read_frame("x.xlsx", saved(book))[0].to_dict("records") == [{"a": "1"}]
    book.create_sheet("Notes").append(["n"])
    with pytest.raises(UnreadableFile, match=r"has 2 sheets with something in them \(“Shown”, “Notes”\)"):
        read_frame("x.xlsx", saved(book))
