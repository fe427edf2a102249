"""Import of a profit and loss by month: which accounts are sales and marketing, and as which category."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from eqho.errors import WrittenMeanwhile
from eqho.inputs.checks import Fault
from eqho.inputs.readers.profit_and_loss import Account, Missed, ProfitAndLoss, read_profit_and_loss
from eqho.inputs.readers.sums import Sums
from eqho.metrics.entered import Spend
from eqho.names import on_one_line
from eqho.store.base import StoreError
from eqho.ui import format as fmt
from eqho.ui import queries
from eqho.ui.uploads import currency_of_file, not_read, uploaded

_UNTIED_SHOWN = 5
_INCOME = re.compile(r"(?i)\b(income|revenue|turnover)$")


class Offer(NamedTuple):
    """What stands beside an account before anybody has chosen."""

    ticked: bool
    category: str


def bring(
    present: Sequence[Spend],
    *,
    save: Callable[[Sequence[Spend]], None],
    name_faults: Callable[[Sequence[Fault]], None],
) -> None:
    """Nothing is saved before the button is clicked."""
    with st.expander(
        "Import a profit and loss by month (QuickBooks, Xero)", icon=":material/account_balance:"
    ):
        file = uploaded(
            "The report with months as columns, as CSV or Excel",
            ("csv", "xlsx"),
            "file-profit-and-loss",
            read_profit_and_loss,
        )
        if file is None:
            return
        report = file.read
        not_read(report.other_sheets)
        _tie(report)
        name_faults(report.faults)
        chosen = _chosen(report, present, file.id)
        currency = currency_of_file("Currency of the report", file.id)
        rows = rows_of(report, chosen, currency)
        if not rows:
            st.caption("Tick the accounts that are sales and marketing, and name their categories.")
            return
        checked = queries.app().tiers.entries.check_sums(rows)
        name_faults(checked.faults)
        total = sum((row.amount for row in checked.rows), Decimal(0))
        st.caption(
            fmt.markdown(f"{len(checked.rows)} rows of {fmt.money(float(total), currency)}, not saved.")
        )
        if (
            checked.rows
            and st.button("Save them as spend", key="save-profit-and-loss", type="primary")
            and _remembered(report, chosen)
        ):
            save(checked.rows)


def _remembered(report: ProfitAndLoss, chosen: Mapping[str, str]) -> bool:
    """For the next import, of every account of the file; False where that did not work, which is said."""
    accounts = {account.full_name: chosen.get(account.full_name, "") for account in report.accounts}
    try:
        queries.app().account_categories.remember(accounts)
    except (StoreError, WrittenMeanwhile) as error:
        st.error(fmt.markdown(str(error)))
        return False
    return True


def _tie(report: ProfitAndLoss) -> None:
    if report.untied:
        said = [f"- {fmt.markdown(_missed(one))}" for one in report.untied[:_UNTIED_SHOWN]]
        if len(report.untied) > _UNTIED_SHOWN:
            said.append(f"- and {len(report.untied) - _UNTIED_SHOWN} more")
        st.warning("\n".join(["Totals of the file miss what adds up to them, by:", "", *said]))
    elif report.compared:
        st.caption("Every total of the file is what its accounts add up to.")
    else:
        st.caption("The file has no total to compare its accounts with.")
    if report.uncompared:
        named = ", ".join(f"“{name}”" for name in report.uncompared[:_UNTIED_SHOWN])
        st.caption(
            fmt.markdown(
                f"Neither counted nor compared: {named}. No heading above has this name, or a formula "
                "without its value stands there: open the file in Excel and save it."
            )
        )
    if report.unread:
        named = ", ".join(f"“{title}”" for title in report.unread[:_UNTIED_SHOWN])
        st.caption(fmt.markdown(f"Columns that are no month are not read: {named}."))


def _missed(one: Missed) -> str:
    where = fmt.month(one.month) if one.month else "total column"
    return f"{one.name}, {where}: {fmt.decimal(float(one.difference), 2, signed=True)}"


def _chosen(report: ProfitAndLoss, present: Sequence[Spend], file_id: str) -> dict[str, str]:
    """Account by its full name → category, of the accounts that are ticked."""
    known = queries.app().account_categories.known()
    names = [account.full_name for account in report.accounts]
    if any(name.casefold() in known for name in names):
        st.caption("Ticked as it was imported the last time.")
    offers = [offered(account, known, present) for account in report.accounts]
    edited = st.data_editor(
        pd.DataFrame(
            {
                "import": [offer.ticked for offer in offers],
                "account": names,
                "category": [offer.category for offer in offers],
                "total": [float(sum(account.amounts.values())) for account in report.accounts],
            }
        ),
        hide_index=True,
        disabled=["account", "total"],
        column_config={
            "import": st.column_config.CheckboxColumn("Import"),
            "account": "Account",
            "category": st.column_config.TextColumn("Category", max_chars=60),
            "total": st.column_config.NumberColumn("Total", format="localized", step=0.01),
        },
        key=f"choose-accounts-{file_id}",
    )
    rows = edited.to_dict("records")
    return {str(row["account"]): str(row["category"] or "") for row in rows if row["import"]}


def offered(account: Account, known: Mapping[str, str], present: Sequence[Spend]) -> Offer:
    """As it was imported the last time (`known`, by case-folded full name); an account that is new is ticked
    where it is named like a category that is there and no income."""
    if (category := known.get(account.full_name.casefold())) is not None:
        return Offer(bool(category), category or account.name[:60])
    named = account.name.casefold()
    like = next((row.category for row in present if row.category.casefold() == named), None)
    if any(_INCOME.search(heading) for heading in account.within):
        like = None
    return Offer(like is not None, like or account.name[:60])


def rows_of(report: ProfitAndLoss, chosen: Mapping[str, str], currency: str) -> list[dict[str, Any]]:
    """Spend rows by month and category; accounts (`chosen` by full name) of one category are added up."""
    sums = Sums()
    for account in report.accounts:
        if (category := chosen.get(account.full_name)) is not None:
            for month, amount in account.amounts.items():
                sums.add(month, on_one_line(category), currency, amount)
    return sums.rows()
