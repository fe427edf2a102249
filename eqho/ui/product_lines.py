"""Product lines as pages show them: titles, colours, history, and the choice of one."""

import streamlit as st
from msgspec import Struct

from eqho.metrics.document_fields import MetricsDocument, ProductRow
from eqho.products import ALL, UnknownProduct
from eqho.ui import format as fmt
from eqho.ui import queries, url_state
from eqho.ui.charts.figures import line_colour
from eqho.ui.charts.series import Series


def keys() -> tuple[str, ...]:
    """Configured lines in their order, then the two buckets."""
    return queries.app().products.keys


def title(key: str) -> str:
    """The name of a line or bucket, or of all of them."""
    return "All products" if key == ALL else queries.app().products.line(key).name


def colour(key: str) -> str:
    return line_colour(key, keys())


def currency() -> str:
    """The reporting currency of the present selection."""
    return queries.metrics(ALL).currency


def history(months: int, *, of: tuple[str, ...] = ()) -> list[Series]:
    """MRR of each line at month ends, in the order of the configuration."""
    return [_history(key, months) for key in of or keys()]


def _history(key: str, months: int) -> Series:
    points = queries.history(key, "mrr", months=months)
    return Series(
        title(key),
        colour(key),
        [point.date for point in points],
        [point.mrr for point in points],
        open_last=bool(points) and points[-1].open,
    )


class ComparedLine(Struct, frozen=True):
    """A product line beside the others; `growth` is the month's, `history` MRR at 13 month ends."""

    product: str
    name: str
    colour: str
    customers: int
    mrr: float
    share: float | None
    arpa: float | None
    growth: float | None
    history: list[float]


def compared(document: MetricsDocument) -> list[ComparedLine]:
    """The lines of the all-products document with name, colour, ARPA, growth and 13 month ends of MRR.

    The two buckets are there only when they hold something.
    """
    configured = {line.key for line in queries.app().products.configured}
    return [
        _compared(row)
        for row in document.products or ()
        if row.product in configured or row.mrr or row.customers
    ]


def _compared(row: ProductRow) -> ComparedLine:
    key = row.product
    revenue = queries.metrics(key).revenue_metrics
    return ComparedLine(
        product=key,
        name=title(key),
        colour=colour(key),
        customers=row.customers,
        mrr=row.mrr,
        share=row.share,
        arpa=revenue.arpa,
        growth=revenue.mrr_growth_month,
        history=[point.mrr or 0 for point in queries.history_so_far(key, "mrr")],
    )


def month_ends() -> list[str]:
    """What the numbers of `compared`'s history are called in a file: `MRR 2026-10`."""
    return [f"MRR {point.date[:7]}" for point in queries.history_so_far(ALL, "mrr")]


def choice() -> str:
    """The product that is picked or in the URL; an unknown one gets a sentence with the known ones."""
    slugs = (ALL, *keys())
    product = url_state.chosen("product", ALL, slugs, lambda key: _pills(key, slugs))
    if asked := url_state.misspelt("product"):
        try:
            queries.app().products.resolve(asked)
        except UnknownProduct as unknown:
            st.warning(fmt.markdown(str(unknown)), icon=":material/help:")
    return product


def _pills(key: str, slugs: tuple[str, ...]) -> str | None:
    return st.pills(
        "Product",
        slugs,
        required=True,
        format_func=title,
        key=key,
        label_visibility="collapsed",
        wrap=True,
    )
