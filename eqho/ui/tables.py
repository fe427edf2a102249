"""Tables with a CSV button: columns say what they hold, the table knows how that looks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import streamlit as st

from eqho.ui import csv_export
from eqho.ui import format as fmt

Kind = Literal["text", "list", "money", "rate", "share", "count", "number", "ratio", "day", "link", "series"]
Row = Mapping[str, Any]
ROW_HEIGHT = 34
_HEADER_HEIGHT = 36


class Column(NamedTuple):
    """`field` of the rows under a title; `help` explains it."""

    field: str
    title: str
    kind: Kind = "text"
    help: str | None = None
    width: Literal["small", "medium", "large"] | int | None = None


def table(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    currency: str = "USD",
    empty: str,
    max_rows: int = 10,
    row_height: int = ROW_HEIGHT,
    picked: Callable[[Row, str], None] | None = None,
) -> None:
    """Draw rows, or the sentence `empty`; higher tables than `max_rows` scroll. The CSV holds every row.

    `picked` makes cells clickable: it gets the row and the field of the one that was clicked.

    Columns of links are left out where no row has one. Text wraps where `row_height` leaves room for lines.
    """
    if not rows:
        st.caption(empty)
        return
    shown = [one for one in columns if one.kind != "link" or any(_link(row.get(one.field)) for row in rows)]
    with st.container(gap="xxsmall"):
        st.dataframe(
            {one.field: [_cell(row.get(one.field), one.kind) for row in rows] for one in shown},
            column_config={one.field: _config(one, currency) for one in shown},
            hide_index=True,
            row_height=row_height,
            height=_HEADER_HEIGHT + row_height * min(len(rows), max_rows) + 2,
            placeholder=fmt.UNDEFINED,
            key=key,
            **(_clickable(rows, key, picked) if picked else {}),
        )
        st.download_button(
            "CSV",
            data=lambda: csv_export.to_csv(rows, {one.field: one.title for one in columns}),
            file_name=f"eqho-{key}.csv",
            mime="text/csv",
            key=f"{key}-csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help=f"All {fmt.count(len(rows))} rows of this table",
        )


def _clickable(rows: Sequence[Row], key: str, picked: Callable[[Row, str], None]) -> dict[str, Any]:
    def clicked() -> None:
        for row, field in st.session_state[key]["selection"]["cells"]:
            picked(rows[row], field)

    return {"on_select": clicked, "selection_mode": "single-cell"}


def _cell(cell: Any, kind: Kind) -> Any:
    if cell is None:
        return None
    if kind == "list":
        return ", ".join(str(part) for part in cell) or None
    if kind == "day":
        return date.fromisoformat(str(cell)[:10])
    if kind == "link":
        return _link(cell)
    return cell


def _link(cell: object) -> str | None:
    """A link column would open any scheme it is given: only https is a link."""
    return cell if isinstance(cell, str) and cell.startswith("https://") else None


def _config(one: Column, currency: str) -> Any:
    shared: dict[str, Any] = {"label": one.title, "help": one.help, "width": one.width}
    match one.kind:
        case "money":
            form, suffix = fmt.money_column(currency)
            return st.column_config.NumberColumn(**(shared | {"label": one.title + suffix}), format=form)
        case "rate":
            return st.column_config.NumberColumn(**shared, format="percent")
        case "share":
            return st.column_config.ProgressColumn(**shared, format="percent", min_value=0, max_value=1)
        case "count":
            return st.column_config.NumberColumn(**shared, format="%,d")
        case "number":
            return st.column_config.NumberColumn(**shared, format="%,g")
        case "ratio":
            return st.column_config.NumberColumn(**shared, format="%.1f×")
        case "day":
            return st.column_config.DateColumn(**shared, format="MMM D, YYYY")
        case "link":
            return st.column_config.LinkColumn(**shared, display_text="Open")
        case "series":
            return st.column_config.LineChartColumn(**shared)
        case _:
            return st.column_config.TextColumn(**shared)
