"""A file that somebody drops on a page, read or refused in a sentence."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from eqho.errors import BadArgument
from eqho.inputs.readers.frames import LARGEST
from eqho.money import known_currencies
from eqho.ui import format as fmt
from eqho.ui import product_lines

R = TypeVar("R")


class Uploaded(NamedTuple, Generic[R]):
    """`id` is another one for each drop."""

    name: str
    id: str
    read: R


def dropped(
    label: str, types: Sequence[str], key: str, largest: int, about: str | None = None
) -> UploadedFile | None:
    """`largest`: in bytes. More is refused before it is sent, and the limit stands on the page."""
    return st.file_uploader(
        label, type=list(types), key=key, max_upload_size=largest // 1_000_000, help=about
    )


def uploaded(
    label: str, types: Sequence[str], key: str, read: Callable[[str, bytes], R], largest: int = LARGEST
) -> Uploaded[R] | None:
    """None while there is no file, and where `read` raises BadArgument, which is said."""
    file = dropped(label, types, key, largest)
    if file is None:
        return None
    try:
        return Uploaded(file.name, file.file_id, read(file.name, file.getvalue()))
    except BadArgument as error:
        st.error(fmt.markdown(str(error)))
        return None


def currency_of_file(label: str, file_id: str) -> str:
    """The one that a file does not name: a person chooses it, the company's own to begin with."""
    codes = sorted(code.upper() for code in known_currencies())
    own = product_lines.currency().upper()
    return str(st.selectbox(label, codes, index=codes.index(own), key=f"currency-{file_id}"))


def not_read(sheets: Sequence[str]) -> None:
    """Says which sheets of a workbook were left aside."""
    if sheets:
        named = ", ".join(f"“{title}”" for title in sheets)
        st.caption(fmt.markdown(f"One sheet of the workbook is read, these are not: {named}."))
