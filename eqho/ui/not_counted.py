"""What is in no product line or in another currency: shown beside the numbers, never added to them."""

from collections.abc import Sequence

import streamlit as st

from eqho.metrics.document_fields import MetricsDocument
from eqho.ui import format as fmt
from eqho.ui.product_lines import ComparedLine

_CURRENCY_APART = "currency_apart"


def unmapped(compared: Sequence[ComparedLine], currency: str) -> None:
    """The bucket of what no rule maps, when there is something in it."""
    for row in compared:
        if row.product == "unmapped" and row.mrr:
            people = "customer" if row.customers == 1 else "customers"
            st.warning(
                fmt.markdown(
                    f"{fmt.money(row.mrr, currency)} of {fmt.count(row.customers)} {people} is in no "
                    "product line: name its words, products or prices under [[product_lines]] in eqho.toml."
                ),
                icon=":material/help:",
            )


def other_currencies(document: MetricsDocument) -> None:
    """MRR in currencies without a rate to the reporting currency: said wherever there are totals."""
    apart = [fmt.in_words(issue.message) for issue in document.issues if issue.code == _CURRENCY_APART]
    if apart:
        st.caption(f":material/currency_exchange: {' '.join(fmt.markdown(message) for message in apart)}")
