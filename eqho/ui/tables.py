"""Tables with a CSV button: columns say what they hold, the table knows how that looks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import streamlit as st
from msgspec import Struct, structs

from eqho import csv_files
from eqho.money import minor_digits
from eqho.products import ALL
from eqho.ui import format as fmt
from eqho.ui import queries
from eqho.ui.vocabulary import POLICIES

Kind = Literal[
    "text", "list", "money", "rate", "share", "count", "number", "steps", "months", "ratio", "day", "link",
    "series", "file",
]  # fmt: skip
"""`file`: a column of the CSV alone; `steps`: an error in steps from month to month."""
Row = Mapping[str, Any]
Rows = Sequence[Row] | Sequence[Struct]
ROW_HEIGHT = 34
_HEADER_HEIGHT = 36
_DECIMALS: Mapping[Kind, int] = {"rate": 4, "share": 4, "count": 0, "steps": 2, "months": 1, "ratio": 1}
"""Of what is in the cell, where every row shows as many; money has its currency's. Rates are fractions."""
_UNITS: Mapping[Kind, str] = {"months": ", months", "ratio": " (×)"}


class Column(NamedTuple):
    """`field` of the rows under a title; `help` explains it."""

    field: str
    title: str
    kind: Kind = "text"
    help: str | None = None
    width: Literal["small", "medium", "large"] | int | None = None
    in_file: str = ""
    """The field whose value the CSV holds instead: an ISO date for what the screen says in words."""
    parts: Sequence[str] = ()
    """Of a series: what each of its numbers is called in the CSV, which holds one number a cell."""

    @property
    def heading(self) -> str:
        """The title with the unit of its numbers, where they cannot say it."""
        return self.title + _UNITS.get(self.kind, "")


def cells(row: Struct, **told: object) -> dict[str, Any]:
    """The fields of a row, some of them told in other words."""
    return structs.asdict(row) | told


MONTH = (Column("month", "Month", in_file="period"), Column("running", "Open month", "file"))


def month_cells(row: Struct, period: str, *, running: bool) -> dict[str, Any]:
    """The fields of a month's row, and those of `MONTH`."""
    return cells(row, month=fmt.period(period, running=running), running="yes" if running else "no")


def table(
    rows: Rows,
    columns: Sequence[Column],
    *,
    key: str,
    currency: str | None = None,
    policy: str | None = None,
    file_rows: Rows | None = None,
    empty: str,
    max_rows: int = 10,
    row_height: int = ROW_HEIGHT,
    picked: Callable[[Row, str], None] | None = None,
) -> None:
    """Draw rows, or the sentence `empty`; higher tables than `max_rows` scroll. The CSV holds every row, or
    `file_rows`.

    A table of figures names its `currency`; its CSV says in each row which one, under which policy (the
    selected one, or `policy`) and as of when.

    `picked` makes cells clickable: it gets the row and the field of the one that was clicked.

    Columns of links are left out where no row has one. Text wraps where `row_height` leaves room for lines.
    """
    if not rows:
        st.caption(empty)
        return
    rows = _mappings(rows)
    in_file = rows if file_rows is None else _mappings(file_rows)
    shown = [
        one
        for one in columns
        if one.kind != "file" and (one.kind != "link" or any(_link(row.get(one.field)) for row in rows))
    ]
    basis = _basis(currency, policy) if currency else {}
    decimals = {one.field: _decimals(one.kind, currency or "USD") for one in shown}
    with st.container(gap="xxsmall"):
        st.dataframe(
            {
                one.field: [_cell(row.get(one.field), one.kind, decimals[one.field]) for row in rows]
                for one in shown
            },
            column_config={one.field: _config(one, currency or "USD", decimals[one.field]) for one in shown},
            hide_index=True,
            row_height=row_height,
            height=_HEADER_HEIGHT + row_height * min(len(rows), max_rows) + 2,
            placeholder=fmt.UNDEFINED,
            key=key,
            **(_clickable(rows, key, picked) if picked else {}),
        )
        st.download_button(
            "CSV",
            data=lambda: to_file(in_file, columns, basis),
            file_name="-".join(["eqho", key, *([basis["As of"][:10]] if basis else [])]) + ".csv",
            mime="text/csv",
            key=f"{key}-csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help=f"All {fmt.count(len(in_file))} rows, with ISO dates",
        )


def _mappings(rows: Rows) -> list[Row]:
    return [structs.asdict(row) if isinstance(row, Struct) else row for row in rows]


def to_file(rows: Sequence[Row], columns: Sequence[Column], basis: Mapping[str, str]) -> bytes:
    """The CSV of a table; `basis` is said again in each row, so that a row torn out still says what it is."""
    titles: dict[str, str] = {}
    spread: list[dict[str, Any]] = [dict(basis) for _ in rows]
    for one in columns:
        fields = [f"{one.field} {part}" for part in one.parts] if one.kind == "series" else [one.field]
        titles |= dict(zip(fields, one.parts if one.kind == "series" else [one.heading], strict=True))
        for row, into in zip(rows, spread, strict=True):
            cell = row.get(one.in_file or one.field)
            into.update(zip(fields, cell or () if one.kind == "series" else [cell], strict=False))
    return csv_files.to_csv(spread, titles | {title: title for title in basis})


def _basis(currency: str, policy: str | None) -> dict[str, str]:
    return {
        "Currency": currency.upper(),
        "Policy": POLICIES[policy or queries.selection().policy],
        "As of": queries.metrics(ALL).as_of,
    }


def _clickable(rows: Sequence[Row], key: str, picked: Callable[[Row, str], None]) -> dict[str, Any]:
    def clicked() -> None:
        for row, field in st.session_state[key]["selection"]["cells"]:
            picked(rows[row], field)

    return {"on_select": clicked, "selection_mode": "single-cell"}


def _decimals(kind: Kind, currency: str) -> int | None:
    return minor_digits(currency) if kind == "money" else _DECIMALS.get(kind)


def _cell(cell: Any, kind: Kind, decimals: int | None) -> Any:
    if cell is None:
        return None
    if decimals is not None and isinstance(cell, float):
        # Streamlit cuts decimals off; this rounds as `fmt` does, so that a card and a table say the same.
        return float(round(Decimal(str(cell)), decimals))
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


def _config(one: Column, currency: str, decimals: int | None) -> Any:
    shared: dict[str, Any] = {"label": one.heading, "help": one.help, "width": one.width}
    step = None if decimals is None else 10.0**-decimals
    match one.kind:
        case "money":
            form, suffix = fmt.money_column(currency)
            shared["label"] += suffix
            return st.column_config.NumberColumn(**shared, format=form, step=step)
        case "rate":
            return st.column_config.NumberColumn(**shared, format="percent", step=step)
        case "share":
            return st.column_config.ProgressColumn(
                **shared, format="percent", min_value=0, max_value=1, step=step
            )
        case "count" | "number" | "steps" | "months" | "ratio":
            return st.column_config.NumberColumn(**shared, format="localized", step=step)
        case "day":
            return st.column_config.DateColumn(**shared, format="localized")
        case "link":
            return st.column_config.LinkColumn(**shared, display_text="Open")
        case "series":
            return st.column_config.LineChartColumn(**shared)
        case _:
            return st.column_config.TextColumn(**shared)
