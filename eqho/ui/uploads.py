"""A file that somebody drops on a page, read or refused in a sentence."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import streamlit as st

from eqho.errors import BadArgument
from eqho.ui import format as fmt

R = TypeVar("R")


class Uploaded(NamedTuple, Generic[R]):
    """`id` is another one for each drop."""

    name: str
    id: str
    read: R


def uploaded(
    label: str, types: Sequence[str], key: str, read: Callable[[str, bytes], R]
) -> Uploaded[R] | None:
    """None while there is no file, and where `read` raises BadArgument, which is said."""
    file = st.file_uploader(label, type=list(types), key=key)
    if file is None:
        return None
    try:
        return Uploaded(file.name, file.file_id, read(file.name, file.getvalue()))
    except BadArgument as error:
        st.error(fmt.markdown(str(error)))
        return None
