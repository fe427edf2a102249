"""Metric cards: value, change, sparkline, and a help text with the formula and this number's inputs."""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import streamlit as st
from msgspec import UNSET

from eqho.metrics.definitions import METRICS, Definition, Unit
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.history_rows import Point
from eqho.metrics.made_of import Part
from eqho.periods import day_of
from eqho.ui import format as fmt
from eqho.ui import links, queries

Points = Sequence[Point]

INPUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "arr": (("12 × MRR", "revenue_metrics.mrr"),),
    "arpa": (("MRR", "revenue_metrics.mrr"), ("customers", "customer_metrics.customers")),
    "asp": (("new MRR", "movement_metrics.new"), ("new customers", "customer_metrics.new")),
    "acv": (("12 × MRR", "revenue_metrics.mrr"), ("subscriptions", "revenue_metrics.subscriptions")),
    "committed_mrr": (
        ("MRR", "revenue_metrics.mrr"),
        ("scheduled churn", "revenue_metrics.scheduled_churn_mrr"),
    ),
    "net_new": (
        ("start", "movement_metrics.start"),
        ("exchange rates", "movement_metrics.fx"),
        ("end", "movement_metrics.end"),
    ),
    "quick_ratio": (
        ("new", "movement_metrics.new"),
        ("expansion", "movement_metrics.expansion"),
        ("reactivation", "movement_metrics.reactivation"),
        ("contraction", "movement_metrics.contraction"),
        ("churn", "movement_metrics.churn"),
    ),
    "conversion_rate": (("converted", "trial_metrics.converted"), ("ended", "trial_metrics.ended")),
    "cac": (("spend", "cac_metrics.spend"), ("new customers", "cac_metrics.new_customers")),
    "payback_months": (
        ("CAC", "cac_metrics.cac"),
        ("ARPA", "revenue_metrics.arpa"),
        ("gross margin", "ltv_metrics.gross_margin"),
    ),
    "ltv": (
        ("ARPA", "revenue_metrics.arpa"),
        ("gross margin", "ltv_metrics.gross_margin"),
        ("monthly churn", "ltv_metrics.monthly_churn"),
    ),
    "ltv_cac": (("LTV", "ltv_metrics.ltv"), ("CAC", "cac_metrics.cac")),
}
"""The numbers of the same document that a metric is made of: label, path."""

_EXPLAINED = frozenset(("mrr", "arr", "customers"))
_MARGIN = "ltv_metrics.gross_margin"
_UNITS: dict[str, Unit] = {definition.path: definition.unit for definition in METRICS.values()} | {
    _MARGIN: "rate",
    "cac_metrics.spend": "money",
}

_ENTRY = "Unit economics"
"""The page, as reasons name it."""


class Change(NamedTuple):
    """`text` is signed; `good` None where the direction is neither good nor bad or nothing changed."""

    text: str
    against: str
    good: bool | None


def at(document: MetricsDocument, path: str) -> float | None:
    """The number at a path of the document, None where it is not defined."""
    group, field = path.split(".")
    number: float | None = getattr(getattr(document, group), field)
    return number


def undefined(document: MetricsDocument, definition: Definition) -> str:
    """Why the metric has no value."""
    reason = str(document.undefined.get(definition.path, "not defined for this period"))
    # What a program would call is not for this reader.
    return reason.partition(" or with PUT ")[0]


def _with_link(reason: str) -> str:
    """The page on which what is missing is entered, as a link; of text that is Markdown already."""
    return reason.replace(_ENTRY, f"[{_ENTRY}]({links.entry()})")


def help_text(document: MetricsDocument, definition: Definition, parts: Sequence[Part] = ()) -> str:
    """Formula, this number to the last digit, and what it was made of (from the document, or `parts`), as
    Markdown."""
    currency = document.currency
    sentences = [definition.help]
    number = at(document, definition.path)
    if number is not None and definition.unit == "money":
        sentences.append(f"Exactly {fmt.money(number, currency)}.")
    inputs = [f"{label} {_input(document, path)}" for label, path in INPUTS.get(definition.slug, ())]
    inputs += [f"{part.label} {fmt.value(part.value, part.unit, currency)}" for part in parts]
    if inputs:
        sentences.append(f"Here: {', '.join(inputs)}.")
    if definition.path.startswith("retention_metrics.") and document.retention_metrics.period:
        sentences.append(f"Month: {fmt.month(document.retention_metrics.period)}.")
    return "\n\n".join(fmt.markdown(sentence) for sentence in sentences)


def link_to_definition(definition: Definition) -> str:
    """As Markdown."""
    return f"[Definition]({links.definition(definition.slug)})"


def link_to_explanation(document: MetricsDocument, definition: Definition, points: Points) -> str:
    """As Markdown, from the value the change is told against; "" for what movements of MRR do not make."""
    earlier = [point for point in points if not point.open and _known(point, definition)]
    if definition.slug not in _EXPLAINED or not earlier:
        return ""
    last = day_of(fmt.seconds(document.as_of), ZoneInfo(document.timezone)).isoformat()
    return f"[why?]({links.explained(document.product, earlier[0].date, last)})"


def change(document: MetricsDocument, definition: Definition, points: Points) -> Change | None:
    """Over the time the sparkline covers: its colour tells whether that was good news. The last month's
    change is said after it. None where there is nothing before."""
    now = at(document, definition.path)
    earlier = [point for point in _before(document, definition, points) if _known(point, definition)]
    if now is None or _is_month_to_date(definition) or not earlier:
        return None
    first, last = earlier[0], earlier[-1]
    text = _difference(document, definition, _value(first, definition), now)
    if first is last:
        return _change(text, f"vs {fmt.short_month(first.date)}", definition)
    recent = _difference(document, definition, _value(last, definition), now)
    against = f"since {fmt.month(first.date)}; {recent} since {fmt.short_month(last.date)}"
    return _change(text, against, definition)


def _difference(document: MetricsDocument, definition: Definition, then: float, now: float) -> str:
    difference = now - then
    match definition.unit:
        case "money" if then > 0:
            return fmt.rate(difference / then, signed=True)
        case "money":
            return fmt.headline_money(difference, document.currency, signed=True)
        case "rate":
            return fmt.points(difference)
        case "count":
            return fmt.count(difference, signed=True)
        case "ratio":
            return fmt.ratio(difference, signed=True)
        case "months":
            return fmt.months(difference, signed=True)


def _change(text: str, against: str, definition: Definition) -> Change:
    shows_nothing = not any(digit in text for digit in "123456789")
    if shows_nothing or definition.good == "neutral":
        return Change(text, against, None)
    return Change(text, against, text.startswith(fmt.MINUS) == (definition.good == "down"))


def _is_month_to_date(definition: Definition) -> bool:
    """A running month against a whole one would always look bad."""
    return definition.path.split(".")[0] in {"movement_metrics", "trial_metrics"}


def _before(document: MetricsDocument, definition: Definition, points: Points) -> list[Point]:
    """The month ends to compare with: for rates of the last closed month, the months before that one."""
    closed = [point for point in points if not point.open]
    period = document.retention_metrics.period
    if definition.path.startswith("retention_metrics.") and period:
        closed = [point for point in closed if point.date[:7] < period]
    return closed


def _known(point: Point, definition: Definition) -> bool:
    return bool(getattr(point, definition.slug, UNSET) not in (None, UNSET))


def _value(point: Point, definition: Definition) -> float:
    """Of a point in which it is known."""
    value: float = getattr(point, definition.slug)
    return value


def sparkline(document: MetricsDocument, definition: Definition, points: Points) -> list[float] | None:
    """The defined values of the metric, None with fewer than three; ends at the month the card speaks of."""
    period = document.retention_metrics.period
    if definition.path.startswith("retention_metrics.") and period:
        points = [point for point in points if point.date[:7] <= period]
    values = [_value(point, definition) for point in points if _known(point, definition)]
    return values if len(values) >= 3 else None


def card(document: MetricsDocument, slug: str, points: Points = (), *, trend: bool = True) -> None:
    """Draw one metric of a metrics document; `points` is its history by month."""
    definition = METRICS[slug]
    parts = () if slug in INPUTS else queries.parts(document.product).get(slug, ())
    explained = f"{help_text(document, definition, parts)}\n\n{link_to_definition(definition)}"
    number = at(document, definition.path)
    if number is None:
        reason = undefined(document, definition)
        st.metric(
            definition.title,
            fmt.UNDEFINED,
            delta_description=_with_link(fmt.markdown(reason[:1].upper() + reason[1:])),
            help=explained,
            border=True,
            height="stretch",
        )
        return
    moved = change(document, definition, points) if definition.series else None
    st.metric(
        definition.title,
        fmt.value(number, definition.unit, document.currency, headline=True).replace("$", r"\$"),
        delta=moved.text.replace("$", r"\$") if moved else None,
        delta_color=_delta_colour(moved),
        delta_arrow=_delta_arrow(moved),
        delta_description=_against(document, definition, points, moved) if moved else _since(definition),
        help=explained,
        border=True,
        height="stretch",
        chart_data=sparkline(document, definition, points) if trend else None,
        chart_type="line",
    )


def _against(document: MetricsDocument, definition: Definition, points: Points, moved: Change) -> str:
    why = link_to_explanation(document, definition, points)
    return f"{moved.against} {why}".replace("$", r"\$").rstrip()


def _since(definition: Definition) -> str | None:
    return "month to date" if _is_month_to_date(definition) else None


def wall(
    document: MetricsDocument,
    slugs: Sequence[str],
    points: Points = (),
    *,
    columns: int = 4,
    min_width: int = 165,
) -> None:
    """Cards side by side that wrap where the window is narrow."""
    with st.grid(columns, min_column_width=min_width, gap="xsmall"):
        for slug in slugs:
            card(document, slug, points)


def _delta_colour(moved: Change | None) -> Literal["green", "red", "gray"]:
    if moved is None or moved.good is None:
        return "gray"
    return "green" if moved.good else "red"


def _delta_arrow(moved: Change | None) -> Literal["up", "down", "off"]:
    if moved is None or not any(digit in moved.text for digit in "123456789"):
        return "off"
    return "down" if moved.text.startswith(fmt.MINUS) else "up"


def _input(document: MetricsDocument, path: str) -> str:
    number = at(document, path)
    if path == _MARGIN and number is None:
        return "not entered"
    return fmt.value(number, _unit(path), document.currency)


def _unit(path: str) -> Unit:
    """What is no metric of its own is an amount of the movements, or a number of customers or trials."""
    return _UNITS.get(path, "money" if path.startswith("movement_metrics.") else "count")
