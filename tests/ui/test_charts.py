"""Figures: what they show, in which colour, and what they say to those who cannot see them."""

import pytest
from msgspec.structs import replace

from eqho.metrics.definitions import METRICS
from eqho.metrics.document_fields import TierRow
from eqho.metrics.rows import MovementCustomers, MovementRow
from eqho.ui.charts import figures, series
from eqho.ui.charts.movements import Measure, movement_bars
from eqho.ui.charts.series import Series
from eqho.ui.charts.waterfall import waterfall
from eqho.ui.product_lines import ComparedLine

COUNTS = MovementCustomers(
    start=80, new=3, reactivation=0, expansion=2, entering=0, contraction=1, churn=1, leaving=0, end=82
)
ROW = MovementRow(
    period="2026-10", start=70_000.0, new=3_200.0, reactivation=0.0, expansion=1_900.0, entering=0.0,
    contraction=700.0, churn=1_500.0, leaving=0.0, fx=0.0, end=72_900.0, customers=COUNTS, open=False,
)  # fmt: skip


def part(name: str, colour: str, share: float) -> ComparedLine:
    return ComparedLine(name.lower(), name, colour, 9, 100 * share, share, None, None, [])


DATES = ["2026-09-30", "2026-10-31", "2026-11-30"]


def test_waterfall_leaves_out_movements_that_did_not_happen_and_signs_the_others() -> None:
    bars = waterfall(ROW, "USD").figure.data[0]
    assert list(bars.x) == ["New", "Expansion", "Contraction", "Churn", "Net"]
    assert list(bars.y) == [3_200, 1_900, -700, -1_500, 2_900]
    assert list(bars.measure) == [*["relative"] * 4, "absolute"]


def test_a_waterfall_bar_carries_the_movement_it_leads_to() -> None:
    bars = waterfall(ROW, "USD").figure.data[0]
    assert [data[0] for data in bars.customdata] == ["new", "expansion", "contraction", "churn", "net"]


def test_balances_stand_beside_the_steps_as_numbers() -> None:
    said = [note.text for note in waterfall(ROW, "USD").figure.layout.annotations]
    assert said == ["Start <b>$70,000.00</b>", "End <b>$72,900.00</b> (+4.1%)"]


def test_the_axis_of_the_waterfall_begins_at_0_and_is_the_change_since_the_start() -> None:
    assert waterfall(ROW, "USD").figure.layout.yaxis.range == pytest.approx((0.0, 5_100 * 1.2))


def test_a_small_loss_is_drawn_as_large_as_it_is() -> None:
    loss = replace(ROW, start=27_549.0, new=0.0, expansion=0.0, contraction=0.0, churn=164.0, end=27_385.0)
    drawn = waterfall(loss, "USD").figure
    assert list(drawn.data[0].y) == [-164, -164]
    assert drawn.layout.yaxis.range == pytest.approx((-164 * 1.2, 164 * 0.2))
    assert drawn.layout.annotations[1].text == "End <b>$27,385.00</b> (−0.6%)"
    assert drawn.data[0].totals.marker.color == drawn.data[0].decreasing.marker.color


@pytest.mark.parametrize("measure", ["mrr", "customers"])
def test_every_bar_axis_holds_0(measure: Measure) -> None:
    shown = [Series("TowPilot", "#000001", DATES, [1_010.0, 1_005.0, 1_000.0], True)]
    assert series.stacked(shown, "USD").figure.layout.yaxis.range[0] == 0
    tier = TierRow("Standard", 9, 1_000.0, None, 1.0)
    assert series.tier_bars([tier], "USD", "#000001").figure.layout.xaxis.range[0] == 0
    assert series.share_bar([part("A", "#000001", 1.0)], "USD").figure.layout.xaxis.range[0] == 0
    bars = movement_bars([ROW], measure, "USD", None).figure
    assert bars.layout.yaxis.rangemode == "tozero"


def test_waterfall_in_words() -> None:
    assert waterfall(ROW, "USD").alt == (
        "MRR movements of Oct 2026: $70,000.00 at the start, new +$3,200.00, expansion +$1,900.00, "
        "contraction −$700.00, churn −$1,500.00, $72,900.00 at the end."
    )


def test_a_month_without_movements_has_a_net_of_0() -> None:
    still = replace(ROW, new=0.0, expansion=0.0, contraction=0.0, churn=0.0, end=70_000.0)
    chart = waterfall(still, "USD")
    assert list(chart.figure.data[0].x) == ["Net"]
    assert "no movement" in chart.alt


def test_stacked_bars_leave_out_lines_that_never_had_mrr_and_pale_the_running_month() -> None:
    shown = [
        Series("TowPilot", "#000001", DATES, [10.0, 20.0, 30.0], True),
        Series("Other", "#000008", DATES, [0.0, 0.0, 0.0], True),
        Series("FleetDesk", "#000002", DATES, [None, 5.0, 6.0], True),
    ]
    chart = series.stacked(shown, "USD")
    assert [bar.name for bar in chart.figure.data] == ["TowPilot", "FleetDesk"]
    assert list(chart.figure.data[1].y) == [0, 5, 6]
    assert list(chart.figure.data[0].marker.opacity) == [1.0, 1.0, 0.45]
    assert chart.alt == "MRR by product line, Sep 2026 to Nov 2026: from $10.00 to $36.00 in total."


def test_a_trend_is_solid_until_the_running_month_and_dotted_in_it() -> None:
    chart = series.trend(Series("MRR", "#000001", DATES, [10.0, 20.0, 30.0], True), METRICS["mrr"], "USD")
    solid, dotted = chart.figure.data
    assert (solid.line.dash, list(solid.y)) == ("solid", [10, 20])
    assert (dotted.line.dash, list(dotted.y)) == ("dot", [20, 30])
    assert chart.figure.layout.annotations[0].text == "<b>$30.00</b>"
    assert chart.alt == "MRR, 3 months to Nov 2026: $30.00."


def test_tier_bars_are_labelled_with_mrr_and_share() -> None:
    rows = [
        TierRow("Heavy Duty", 9, 13_500.0, 1_500.0, 0.75),
        TierRow("Standard", 0, 0.0, None, None),
    ]
    chart = series.tier_bars(rows, "USD", "#000001")
    assert list(chart.figure.data[0].text) == ["$13,500 · 75.0%", "$0.00 · —"]
    assert chart.alt == "MRR by pricing tier: Heavy Duty $13,500.00; Standard $0.00."


def test_the_share_bar_writes_a_share_only_where_it_fits() -> None:
    rows = [
        part("TowPilot", "#000001", 0.95),
        part("Other", "#000008", 0.05),
        part("Unmapped", "#000010", 0.0),
    ]
    bars = series.share_bar(rows, "USD").figure.data
    assert [(bar.name, bar.text[0]) for bar in bars] == [("TowPilot", "95.0%"), ("Other", "")]


KEYS = ("towpilot", "fleetdesk", "roadcall", "other", "unmapped")


def test_a_product_line_has_one_colour_everywhere() -> None:
    assert [figures.line_colour(key, KEYS) for key in KEYS] == [
        "#000001", "#000002", "#000003", "#000008", "#000010",
    ]  # fmt: skip
    assert figures.line_colour("gone", KEYS) == "#000010"


def test_colours_are_those_the_chart_theme_replaces() -> None:
    import plotly.io as pio
    import streamlit  # noqa: F401

    assert tuple(pio.templates["streamlit"].layout.colorway) == figures.CATEGORIES


def test_a_name_from_stripe_is_not_html_in_a_figure() -> None:
    shown = [Series("<b>Tow</b>", "#000001", DATES, [1.0, 2.0, 3.0], False)]
    bar = series.stacked(shown, "USD").figure.data[0]
    assert bar.name == "&lt;b&gt;Tow&lt;/b&gt;"
    assert "<b>Tow" not in bar.hovertemplate


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_empty_figures_are_drawn(currency: str) -> None:
    assert series.stacked([], currency).alt == "MRR by product line: nothing yet."
    assert series.tier_bars([], currency, "#000001").alt == "MRR by pricing tier: none."
    assert series.share_bar([], currency).alt == "Share of MRR by product line: none."
