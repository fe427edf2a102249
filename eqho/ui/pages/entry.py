"""Entry of spend, margins and rates: a table to type in, files to import, and undo."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from eqho.errors import WrittenMeanwhile
from eqho.inputs.checks import BadRows, Fault
from eqho.inputs.entries import FX, GOALS, MARGINS, SPEND, Entry, Kind, Listed
from eqho.inputs.merging import merged
from eqho.inputs.readers import rates
from eqho.inputs.readers.frames import LARGEST
from eqho.inputs.readers.tables import FIELDS, read_rows, template
from eqho.metrics.definitions import METRICS
from eqho.metrics.entered import GOAL_METRICS
from eqho.products import ALL
from eqho.store.base import StoreError
from eqho.tiers.daily_rates import rates_wanted
from eqho.ui import banners, product_lines, queries
from eqho.ui import format as fmt
from eqho.ui.layout import steady
from eqho.ui.pages import profit_and_loss, spend_export
from eqho.ui.uploads import uploaded

_TITLES = {SPEND.name: "Spend", MARGINS.name: "Gross margin", GOALS.name: "Goals", FX.name: "Exchange rates"}
_HINTS = {
    SPEND.name: "Sales and marketing spend by month and category; without a product it is for all of them.",
    MARGINS.name: "A fraction of revenue, like 0.8, known from its month on for 12 months.",
    GOALS.name: "What a metric is to be at the end of a month (2026-12) or a quarter (2026-Q4).",
    FX.name: "Units of a currency for one of the reporting currency. A rate counts on its day and the 7 "
    "after. Of rates for another base, enter the base at 1 and the reporting currency too.",
}
_SAME = {
    SPEND.name: "month, category and product",
    MARGINS.name: "month and product",
    GOALS.name: "metric, product and period",
    FX.name: "day and currency",
}
_NUMBERS = ("amount", "gross_margin", "target", "rate")
_SHOWN_FAULTS = 30
_CHANGES_SHOWN = 10


def entry() -> None:
    kinds = (SPEND, MARGINS, FX)
    for tab, kind in zip(st.tabs([_TITLES[kind.name] for kind in kinds]), kinds, strict=True):
        with tab:
            edit(kind)


def edit(kind: Kind) -> None:
    """One list: to type in, to import, to undo."""
    try:
        _list(kind)
    except StoreError as error:
        banners.unread("What was entered", error)


def sample_note() -> None:
    """Says where the numbers rest on what nobody entered."""
    samples = [_TITLES[kind.name] for kind in (SPEND, MARGINS, FX) if _read(kind).sample]
    named = ", ".join(title.lower() for title in samples)
    with steady():
        if samples:
            st.info(
                f"Demo data, as the company is: {named}. What you enter takes its place.",
                icon=":material/science:",
            )


def _list(kind: Kind) -> None:
    st.caption(fmt.markdown(_HINTS[kind.name]))
    if kind is FX:
        _looked_up()
    base = _base(kind)
    edited = st.data_editor(
        _frame(kind, base.rows),
        key=_key(kind, base),
        num_rows="dynamic",
        hide_index=True,
        column_config=_columns(kind),
        height=320,
        placeholder=fmt.UNDEFINED,
        # What is typed waits for Save: a page drawn after each cell keeps a person from the next one.
        on_change="ignore",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save", key=f"save-{kind.name}", type="primary", icon=":material/save:"):
            _save(kind, _typed(edited), base.number)
        if not base.sample and base.number:
            st.button(
                "Undo the last change",
                key=f"undo-{kind.name}",
                icon=":material/undo:",
                on_click=_undo,
                args=(kind, base.number),
            )
        st.download_button(
            "Template",
            template(kind),
            f"eqho-{kind.name}-template.csv",
            "text/csv",
            key=f"template-{kind.name}",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    with steady():
        _conflict(kind, edited)

    def add(rows: Sequence[Entry]) -> None:
        _add(kind, base, edited, rows)

    _import(kind, add)
    if kind is SPEND:
        profit_and_loss.bring(() if base.sample else base.rows, save=add, name_faults=_name)
        spend_export.bring(save=add, name_faults=_name)
    _changes(kind)


def _looked_up() -> None:
    """Whether rates come by themselves, and why they do not."""
    rates = queries.app().rates
    if rates.place == "off":
        st.caption("Set EQHO_FX to ecb to have the European Central Bank's rates looked up once a day.")
    elif rates.failure:
        st.warning(fmt.markdown(rates.failure), icon=":material/sync_problem:")
    else:
        st.caption(
            fmt.markdown(f"New ones are looked up once a day: {rates.place}. What you enter counts instead.")
        )


def _read(kind: Kind) -> Listed:
    return queries.app().tiers.entries.read(kind)


def _base(kind: Kind) -> Listed:
    """The list that is being edited: it stays the one that was read while somebody types, so that nothing
    typed is lost when another writes."""
    known: Listed | None = st.session_state.get(f"base-{kind.name}")
    current = _read(kind)
    if known is None or (known.number != current.number and not _is_edited(kind, known)):
        known = current
        st.session_state[f"base-{kind.name}"] = known
    return known


def _is_edited(kind: Kind, base: Listed) -> bool:
    changes = st.session_state.get(_key(kind, base)) or {}
    return any(changes.get(part) for part in ("edited_rows", "added_rows", "deleted_rows"))


def _key(kind: Kind, base: Listed) -> str:
    return f"edit-{kind.name}-{base.number}"


def _frame(kind: Kind, rows: Sequence[Any]) -> pd.DataFrame:
    """Numbers as the reader writes them, as text: a column of numbers takes a comma in what is pasted for one
    of thousands, and makes 125 of 12,5."""

    def cell(row: Any, field: str) -> Any:
        found = getattr(row, field)
        return fmt.exact(found) if field in _NUMBERS else found

    columns = {
        field: pd.Series([cell(row, field) for row in rows], dtype="object") for field in FIELDS[kind.name]
    }
    return pd.DataFrame(columns)


def _typed(edited: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows in which something stands; a number that cannot be read stays the text it is."""

    def read(field: str, cell: Any) -> Any:
        if field not in _NUMBERS or not isinstance(cell, str):
            return cell
        return fmt.typed_number(cell, thousands=field in ("amount", "target"))

    rows = edited.astype(object).where(edited.notna(), None).to_dict("records")
    return [
        {str(field): read(str(field), cell) for field, cell in row.items()}
        for row in rows
        if any(cell not in (None, "") for cell in row.values())
    ]


def _columns(kind: Kind) -> dict[str, Any]:
    config = st.column_config
    lines = list(product_lines.keys())
    if kind is not SPEND:
        lines.insert(0, ALL)
    return {
        "month": config.TextColumn(
            "Month", help="Like 2026-10", validate=r"^\d{4}-(0[1-9]|1[0-2])$", required=True
        ),
        "category": config.TextColumn("Category", max_chars=60, required=True),
        "amount": config.TextColumn("Amount", alignment="right", required=True),
        "currency": config.TextColumn(
            "Currency", validate=r"^[A-Za-z]{3}$", default=product_lines.currency().upper(), required=True
        ),
        "product": config.SelectboxColumn("Product", options=lines, default=None if kind is SPEND else ALL),
        "date": config.TextColumn(
            "Day", help="Like 2026-10-30", validate=r"^\d{4}-(0[1-9]|1[0-2])-\d{2}$", required=True
        ),
        "rate": config.TextColumn("Rate", alignment="right", required=True, help="Units for one of the base"),
        "gross_margin": config.TextColumn(
            "Gross margin", alignment="right", required=True, help="A fraction, or a percentage with %"
        ),
        "metric": config.SelectboxColumn(
            "Metric",
            options=GOAL_METRICS,
            format_func=lambda slug: METRICS[str(slug)].title,
            default=GOAL_METRICS[0],
            required=True,
        ),
        "period": config.TextColumn(
            "By the end of",
            help="A month like 2026-12, a quarter like 2026-Q4",
            validate=r"^\d{4}-(0[1-9]|1[0-2]|Q[1-4])$",
            required=True,
        ),
        "target": config.TextColumn(
            "Goal",
            alignment="right",
            required=True,
            help="Of a rate a fraction, or a percentage with %",
        ),
    }


def _save(kind: Kind, rows: Sequence[Any], expected: int | None) -> None:
    try:
        queries.app().tiers.enter(kind, rows, expected)
    except BadRows as error:
        _name(error.faults)
    except WrittenMeanwhile:
        st.session_state[f"conflict-{kind.name}"] = True
    except StoreError as error:
        st.error(fmt.markdown(str(error)))
    else:
        _forget(kind)
        st.toast(f"{_TITLES[kind.name]} saved.", icon=":material/check:")
        st.rerun()


def _add(kind: Kind, base: Listed, edited: pd.DataFrame, imported: Sequence[Entry]) -> None:
    """What is imported joins what stands in the table, also what was typed there and not saved."""
    is_typed = _is_edited(kind, base)
    present = () if base.sample and not is_typed else _typed(edited)
    checked = queries.app().tiers.entries.check(kind, present)
    if checked.faults:
        _name(checked.faults)
        return
    _save(kind, merged(checked.rows, imported), base.number)
    if not st.session_state.get(f"conflict-{kind.name}"):
        return
    if is_typed:
        # What becomes of it is asked beside the table.
        st.rerun()
    _forget(kind)
    st.warning(
        "Somebody else has saved this list meanwhile. Save once more: these rows then join theirs.",
        icon=":material/group:",
    )


def _forget(kind: Kind) -> None:
    for part in ("base", "conflict"):
        st.session_state.pop(f"{part}-{kind.name}", None)


def _conflict(kind: Kind, edited: pd.DataFrame) -> None:
    """Somebody else has saved meanwhile: what was typed is still there, and the person decides."""
    if not st.session_state.get(f"conflict-{kind.name}"):
        return
    st.warning(
        "Somebody else has saved this list meanwhile. What you typed is still here.", icon=":material/group:"
    )
    with st.container(horizontal=True):
        if st.button("Save mine over it", key=f"over-{kind.name}"):
            _save(kind, _typed(edited), None)
        if st.button("Show theirs, drop mine", key=f"theirs-{kind.name}"):
            _forget(kind)
            st.rerun()


def _undo(kind: Kind, number: int) -> None:
    try:
        queries.app().tiers.undo_entry(kind, number)
    except (WrittenMeanwhile, StoreError) as error:
        st.toast(fmt.markdown(str(error)), icon=":material/error:")
    _forget(kind)


def _import(kind: Kind, add: Callable[[Sequence[Entry]], None]) -> None:
    with st.expander("Import a CSV or Excel file", icon=":material/upload_file:"):
        file = uploaded(
            f"{_TITLES[kind.name]} in the template's columns: {', '.join(FIELDS[kind.name])}"
            + (", or as the ECB's history has them: days down, currencies across" if kind is FX else ""),
            ("csv", "tsv", "txt", "xlsx"),
            f"file-{kind.name}",
            partial(_rows_of, kind),
            rates.LARGEST if kind is FX else LARGEST,
        )
        if file is None:
            return
        checked = queries.app().tiers.entries.check(kind, file.read)
        _name(checked.faults)
        if not checked.rows:
            st.caption("No row of this file can be used.")
            return
        st.caption(
            f"{fmt.count(len(checked.rows))} good rows, not saved yet. "
            f"A row of the same {_SAME[kind.name]} takes the old one's place."
        )
        st.dataframe(
            _frame(kind, checked.rows),
            column_config=_columns(kind),
            hide_index=True,
            height=220,
            placeholder=fmt.UNDEFINED,
        )
        if st.button(f"Save {fmt.count(len(checked.rows))} rows", key=f"import-{kind.name}", type="primary"):
            add(checked.rows)


def _rows_of(kind: Kind, name: str, data: bytes) -> list[dict[str, Any]]:
    if (
        kind is FX
        and (found := rates.read_rates(name, data, rates_wanted(queries.app().tiers.published()))) is not None
    ):
        return found
    return read_rows(kind, name, data)


def _name(faults: Sequence[Fault]) -> None:
    if not faults:
        return
    shown = [f"- {fmt.markdown(str(fault))}" for fault in faults[:_SHOWN_FAULTS]]
    if len(faults) > _SHOWN_FAULTS:
        shown.append(f"- and {len(faults) - _SHOWN_FAULTS} more")
    count = "One row is" if len(faults) == 1 else f"{len(faults)} rows are"
    st.error("\n".join([f"{count} wrong and not saved:", "", *shown]), icon=":material/error:")


def _changes(kind: Kind) -> None:
    changes = queries.app().tiers.entries.changes(kind)[:_CHANGES_SHOWN]
    if not changes:
        return
    with st.expander("Changes", icon=":material/history:"):
        zone = queries.app().settings.timezone
        for change in changes:
            at = fmt.instant(int(change.at.timestamp()), zone)
            st.caption(fmt.markdown(f"{at}: {fmt.count(len(change.rows))} rows"))
