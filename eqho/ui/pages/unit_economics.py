"""What a customer costs and brings: cards, months, cohorts, and what would be if."""

from collections.abc import Sequence

import streamlit as st

from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.rows import EconomicsRow, PaybackRow, UnitEconomics
from eqho.products import ALL
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries
from eqho.ui.cards import wall
from eqho.ui.charts import unit_economics as charts
from eqho.ui.charts.draw import draw
from eqho.ui.layout import section, steady
from eqho.ui.tables import MONTH, Column, cells, month_cells, table

CARDS = ("cac", "ltv", "ltv_cac", "payback_months")
_MONTHS = 24
_COHORTS_BEHIND = 8
_COLUMNS = (
    *MONTH,
    Column("spend", "Spend, 3 months", "money"),
    Column("new_customers", "New customers, 3 months", "count"),
    Column("cac", "CAC", "money"),
    Column("arpa", "ARPA", "money"),
    Column("gross_margin", "Gross margin", "rate"),
    Column("monthly_churn", "Monthly churn", "rate"),
    Column("ltv", "LTV", "money"),
    Column("ltv_cac", "LTV / CAC", "ratio"),
    Column("payback_months", "Payback", "months"),
)
_LINES = (
    Column("name", "Product line"),
    Column("spend", "Spend", "money", help="Its own, and its share of what was entered for all lines"),
    Column("new_customers", "New customers", "count"),
    Column("cac", "CAC", "money"),
    Column("monthly_churn", "Monthly churn", "rate"),
    Column("ltv", "LTV", "money"),
    Column("ltv_cac", "LTV / CAC", "ratio"),
    Column("payback_months", "Payback", "months"),
)
_CATEGORIES = (
    Column("category", "Category"),
    Column("spend", "Spend", "money"),
    Column("cac", "CAC", "money", help="Its spend / all new customers of the same months"),
    Column("share", "Share", "share"),
)


def cards(product: str) -> None:
    document = queries.metrics(product)
    wall(document, CARDS, queries.history_so_far(product, *CARDS))
    with steady():
        for sentence in sentences(document):
            st.caption(fmt.markdown(sentence))


def sentences(document: MetricsDocument) -> list[str]:
    """What the cards rest on."""
    spend, found = document.cac_metrics, []
    if spend.cac is not None and (missing := spend.months_without_spend):
        months = " and ".join(fmt.month(month) for month in missing)
        found.append(f"No spend is entered for {months}: CAC counts these months' customers without it.")
    if apart := spend.spend_apart:
        amounts = " and ".join(fmt.money(one.amount, one.currency) for one in apart)
        found.append(f"{amounts} of spend is in no total: no exchange rate of it is known.")
    if spend.shared_spend and document.product != "all-products":
        shared = fmt.money(spend.shared_spend, document.currency)
        found.append(
            f"{shared} of the spend is this product's share of what was entered for all products, "
            "by its new customers of all lines'."
        )
    if document.ltv_metrics.basis == "revenue":
        found.append("No gross margin is entered: LTV is revenue LTV.")
    return found


def over_time(product: str) -> UnitEconomics:
    """Charts of the last months; the whole answer."""
    found = queries.view(views.UnitEconomics(queries.first_day(_MONTHS), queries.last_day()), product)
    rows, currency = found.rows, product_lines.currency()
    with st.grid(2, min_column_width=340, gap="medium") as sides:
        with sides.cell():
            section("LTV and CAC", "At each month's end, over the months before as the cards are.")
            draw(charts.costs_and_values(rows, currency), f"ltv-cac-{product}")
        with sides.cell():
            section("Spend by category", "Each month by itself.")
            draw(charts.spend_by_category(rows, currency), f"spend-{product}")
    with st.expander("Every month", icon=":material/table:"):
        table(
            [month_cells(row, row.period, running=row.open) for row in reversed(rows)],
            _COLUMNS,
            key=f"unit-economics-{product}",
            currency=currency,
            empty="No month has begun yet.",
            max_rows=12,
        )
    return found


def by_line() -> None:
    """Every product line beside the others, as its own cards have it."""
    rows = []
    for line in product_lines.compared(queries.metrics(ALL)):
        document = queries.metrics(line.product)
        cac, ltv = document.cac_metrics, document.ltv_metrics
        rows.append(
            {
                "name": line.name,
                "spend": cac.spend,
                "new_customers": cac.new_customers,
                "cac": cac.cac,
                "monthly_churn": ltv.monthly_churn,
                "ltv": ltv.ltv,
                "ltv_cac": ltv.ltv_cac,
                "payback_months": cac.payback_months,
            }
        )
    section("By product line", "Spend and new customers over the 3 closed months before, churn over 6.")
    table(
        rows,
        _LINES,
        key="unit-economics-by-line",
        currency=product_lines.currency(),
        empty="Nothing was sold yet.",
    )


def categories(product: str, months: Sequence[EconomicsRow]) -> None:
    document = queries.metrics(product)
    spend = document.cac_metrics
    new = spend.new_customers
    rows = [cells(row, cac=row.spend / new if new else None) for row in spend.by_category]
    section("CAC by category", "Over the 3 closed months before.")
    table(
        rows,
        _CATEGORIES,
        key=f"cac-by-category-{product}",
        currency=document.currency,
        empty="Enter sales and marketing spend below to see CAC by category.",
    )
    if rows:
        draw(charts.cac_by_category(months, document.currency), f"cac-by-category-over-time-{product}")


def payback(product: str, cohorts: list[PaybackRow]) -> None:
    section(
        "Payback of a cohort", "Gross margin per customer that began in a month, against its CAC (dashed)."
    )
    known = [cohort for cohort in cohorts if cohort.cumulative_margin]
    if not known:
        st.caption("Enter a gross margin below to see what each month's customers have brought.")
        return
    months = [cohort.cohort for cohort in reversed(known)]
    older = min(12, len(months) - 1)
    chosen = st.selectbox(
        "Customers who began in",
        months,
        index=older,
        format_func=fmt.month,
        key=f"payback-cohort-{product}",
        width=200,
    )
    cohort = next(one for one in known if one.cohort == chosen)
    others = [one for one in known if one.cohort != chosen][-_COHORTS_BEHIND:]
    currency = product_lines.currency()
    st.caption(fmt.markdown(_payback_sentence(cohort, currency)))
    draw(charts.payback_curve(cohort, others, currency), f"payback-{product}")


def _payback_sentence(cohort: PaybackRow, currency: str) -> str:
    who = f"{fmt.count(cohort.size)} customers began in {fmt.month(cohort.cohort)}"
    if cohort.cac is None:
        return f"{who}; what they cost is not known: no spend is entered for that month."
    brought = fmt.money(cohort.cumulative_margin[-1], currency)
    each = f"each cost {fmt.money(cohort.cac, currency)} and has brought {brought}"
    if cohort.payback_month is None:
        return f"{who}; {each}: not paid back yet."
    return f"{who}; {each}: paid back in month {cohort.payback_month}, counted from 0."


def what_if(product: str) -> None:
    """Sliders that change nothing but the numbers beside them."""
    document = queries.metrics(product)
    currency = document.currency
    economics = document.ltv_metrics
    arpa_now, cac_now = document.revenue_metrics.arpa, document.cac_metrics.cac
    with st.expander("What if …", icon=":material/tune:"):
        st.caption("Nothing here is saved or counted anywhere.")
        with st.grid(4, min_column_width=165, gap="small"):
            churn = st.slider(
                "Monthly churn, %",
                0.1,
                15.0,
                _within(economics.monthly_churn, 100, 0.1, 15.0, 3.0),
                0.1,
                format="localized",
                key=f"if-churn-{product}",
            )
            arpa = st.number_input(
                f"ARPA, {currency}", 0.0, None, float(arpa_now or 100), 10.0, key=f"if-arpa-{product}"
            )
            margin = st.slider(
                "Gross margin, %",
                1.0,
                100.0,
                _within(economics.gross_margin, 100, 1.0, 100.0, 80.0),
                1.0,
                format="localized",
                key="if-margin",
            )
            cac = st.number_input(
                f"CAC, {currency}", 0.0, None, float(cac_now or 1_000), 50.0, key=f"if-cac-{product}"
            )
        brings = arpa * margin / 100
        ltv = brings / (churn / 100)
        ratio = fmt.ratio(ltv / cac) if cac else fmt.UNDEFINED
        months = fmt.months(cac / brings) if brings else fmt.UNDEFINED
        with st.grid(3, min_column_width=165, gap="xsmall"):
            st.metric("LTV", fmt.money(ltv, currency).replace("$", r"\$"), border=True)
            st.metric("LTV / CAC", ratio, border=True)
            st.metric("Payback", months, border=True)


def _within(number: float | None, factor: float, low: float, high: float, otherwise: float) -> float:
    return otherwise if number is None else round(min(high, max(low, number * factor)), 1)
