"""Import of spend from ad platforms and card programs: columns are confirmed, days add up to months."""

from collections.abc import Callable, Sequence

import msgspec
import streamlit as st

from eqho.inputs.checks import Fault
from eqho.inputs.readers.spend_exports import (
    Found,
    Reading,
    SpendExport,
    proposed,
    read_spend_export,
    summed,
)
from eqho.metrics.entered import Spend
from eqho.ui import product_lines, queries
from eqho.ui.tables import Column, table
from eqho.ui.uploads import currency_of_file, not_read, uploaded

_COLUMNS = (
    Column("month", "Month"),
    Column("category", "Category"),
    Column("amount", "Amount", "number"),
    Column("currency", "Currency"),
)
_NO_COLUMN = ""


def bring(*, save: Callable[[Sequence[Spend]], None], name_faults: Callable[[Sequence[Fault]], None]) -> None:
    """Nothing is saved before the button is clicked."""
    with st.expander(
        "Import spend of an ad platform or card (Google Ads, Meta, LinkedIn …)", icon=":material/ads_click:"
    ):
        file = uploaded(
            "The export with a column of days or months and one of cost, as CSV or Excel",
            ("csv", "tsv", "txt", "xlsx"),
            "file-spend-export",
            read_spend_export,
        )
        if file is None:
            return
        export = file.read
        not_read(export.other_sheets)
        found = summed(export, _confirmed(export, file.id))
        checked = queries.app().tiers.entries.check_sums(found.rows)
        name_faults((*found.faults, *checked.faults))
        if not checked.rows:
            st.caption("No row of this file can be used with these columns.")
            return
        made = "1 entry" if len(checked.rows) == 1 else f"{len(checked.rows)} entries"
        st.caption(
            f"The file adds up to {made} by month and category, not saved yet. One of the same month and "
            "category takes the old one's place."
        )
        table(
            [
                {
                    "month": row.month,
                    "category": row.category,
                    "amount": float(row.amount),
                    "currency": row.currency,
                }
                for row in checked.rows
            ],
            _COLUMNS,
            key="preview-spend-export",
            currency=product_lines.currency(),
            empty="",
            max_rows=8,
        )
        if st.button("Save them as spend", key="save-spend-export", type="primary"):
            save(checked.rows)


def _confirmed(export: SpendExport, file_id: str) -> Reading:
    """As the file itself tells until a person says otherwise."""
    found, titles = export.found, list(export.titles)

    def pick(label: str, known: str | None, *, optional: bool = False) -> str:
        options = [_NO_COLUMN, *titles] if optional else titles
        chosen = st.selectbox(
            label,
            options,
            index=options.index(known or options[0]),
            format_func=lambda title: title or "none",
            key=f"spend-export-{label}-{file_id}",
        )
        return str(chosen)

    with st.grid(4, min_column_width=150, gap="small"):
        day, cost = pick("Day or month", found.date), pick("Cost", found.cost)
        own = pick("Category column", found.category, optional=True)
        currency = pick("Currency column", found.currency, optional=True)
        category = st.text_input(
            "Category of rows without one", "Paid ads", max_chars=60, key="spend-export-category"
        )
        in_title = found.in_title if cost == found.cost else None
        told = in_title or currency_of_file("Currency of rows without one", file_id)
    columns = Found(
        day, cost, own or None, currency or None, in_title, found.until if day == found.date else None
    )
    reading = proposed(export, columns, category=category.strip(), currency=told)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day_first = st.toggle(
            "Days before months (03/04 is the third of April)",
            reading.day_first,
            key=f"spend-export-days-{day}-{file_id}",
        )
        turned = st.toggle(
            "Amounts below 0 are what was spent", reading.turned, key=f"spend-export-turned-{cost}-{file_id}"
        )
    return msgspec.structs.replace(reading, day_first=day_first, turned=turned)
