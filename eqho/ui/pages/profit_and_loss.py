"""Import of a profit and loss by month: which accounts are sales and marketing, and as which category."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from eqho.errors import BadArgument
from eqho.inputs.checks import Fault
from eqho.inputs.entries import SPEND, Listed
from eqho.inputs.merging import merged
from eqho.inputs.readers.profit_and_loss import ProfitAndLoss, read_profit_and_loss
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries

_UNTIED_SHOWN = 5


def bring(
    base: Listed,
    *,
    save: Callable[[list[dict[str, Any]]], None],
    name_faults: Callable[[Sequence[Fault]], None],
) -> None:
    """Nothing is saved before the button is clicked."""
    with st.expander(
        "Import a profit and loss by month (QuickBooks, Xero)", icon=":material/account_balance:"
    ):
        file = st.file_uploader(
            "The report with months as columns, as CSV or Excel",
            type=["csv", "xlsx"],
            key="file-profit-and-loss",
        )
        if file is None:
            return
        try:
            report = read_profit_and_loss(file.name, file.getvalue())
        except BadArgument as error:
            st.error(fmt.markdown(str(error)))
            return
        _tie(report)
        chosen = _chosen(report, base)
        rows = rows_of(report, chosen, product_lines.currency().upper())
        if not rows:
            st.caption("Tick the accounts that are sales and marketing, and name their categories.")
            return
        checked = queries.app().tiers.entries.check(SPEND, rows)
        name_faults(checked.faults)
        total = sum((row.amount for row in checked.rows), Decimal(0))
        st.caption(
            fmt.markdown(
                f"{len(checked.rows)} rows of {fmt.money(float(total), product_lines.currency())}, not saved."
            )
        )
        if checked.rows and st.button("Save them as spend", key="save-profit-and-loss", type="primary"):
            save(merged(() if base.sample else base.rows, checked.rows))


def _tie(report: ProfitAndLoss) -> None:
    if not report.untied:
        st.caption("Every total of the file is what its accounts add up to.")
        return
    said = [
        f"- {fmt.markdown(f'{group.name}, {month}: {difference:+,}')}"
        for group in report.untied[:_UNTIED_SHOWN]
        for month, difference in group.differences.items()
    ]
    st.warning("\n".join(["Totals of the file miss what its accounts add up to, by:", "", *said]))


def _chosen(report: ProfitAndLoss, base: Listed) -> dict[str, str]:
    """Account → category, of the accounts that are ticked; those known as categories are ticked already."""
    known = {row.category.casefold() for row in base.rows}
    edited = st.data_editor(
        pd.DataFrame(
            {
                "import": [account.name.casefold() in known for account in report.accounts],
                "account": [account.name for account in report.accounts],
                "category": [account.name[:60] for account in report.accounts],
                "total": [float(sum(account.amounts.values())) for account in report.accounts],
            }
        ),
        hide_index=True,
        disabled=["account", "total"],
        column_config={
            "import": st.column_config.CheckboxColumn("Import"),
            "account": "Account",
            "category": st.column_config.TextColumn("Category", max_chars=60),
            "total": st.column_config.NumberColumn("Total", format="%,.2f"),
        },
        key="choose-accounts",
    )
    rows = edited.to_dict("records")
    return {str(row["account"]): str(row["category"] or "") for row in rows if row["import"]}


def rows_of(report: ProfitAndLoss, chosen: dict[str, str], currency: str) -> list[dict[str, Any]]:
    """Spend rows by month and category; accounts of one category are added up."""
    sums: dict[tuple[str, str], Decimal] = {}
    for account in report.accounts:
        if (category := chosen.get(account.name)) is None:
            continue
        for month, amount in account.amounts.items():
            sums[month, category] = sums.get((month, category), Decimal(0)) + amount
    return [
        {"month": month, "category": category, "amount": amount, "currency": currency}
        for (month, category), amount in sorted(sums.items())
        if amount
    ]
