"""The digest: the week on Monday, the month when it closes."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from eqho.messages.message import Message, both_words, money
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.week import sentences
from eqho.periods import closed_months, midnight
from eqho.products import ALL
from eqho.tiers import Tiers
from eqho.tiers.recorded_views import Changes, FrozenMonth


def last_monday(today: date) -> date:
    """The Monday of the running week."""
    return today - timedelta(days=today.weekday())


def week_message(tiers: Tiers, monday: date, zone: ZoneInfo) -> Message | None:
    """The seven days before a Monday, in the sentences of *This week*. None while they cannot be told.

    The published build must reach `monday`. Raises NoBuild, StoreError.
    """
    first, last = monday - timedelta(days=7), monday - timedelta(days=1)
    told = tiers.told(Changes(days=6), ALL, as_of=last)
    if told.undefined:
        return None
    with_amounts, without = both_words(told.currency)
    return Message(
        f"week/{monday}",
        midnight(monday, zone),
        f"the week from {first} to {last}",
        tuple(sentences(told, with_amounts)),
        tuple(sentences(told, without)),
        "movements",
    )


def month_message(tiers: Tiers, now: int, zone: ZoneInfo) -> Message | None:
    """The last closed month as it was frozen; None before that. Raises NoBuild, StoreError."""
    (month,) = closed_months(now, 1, zone)
    frozen = tiers.told(FrozenMonth(month.label), ALL).metrics
    if frozen is None:
        return None
    return Message(
        f"month/{month.label}",
        month.end,
        f"{month.label} is closed",
        tuple(month_lines(frozen)),
        tuple(_month_plain(frozen)),
        "trends",
    )


def month_lines(frozen: MetricsDocument) -> list[str]:
    """The sentences of a month with amounts."""
    currency = frozen.currency
    moved, mrr = frozen.movement_metrics, frozen.revenue_metrics.mrr
    lines = [
        f"MRR went from {money(moved.start, currency)} to {money(mrr, currency)}: "
        f"{money(mrr - moved.start, currency, signed=True)}."
    ]
    for what, kinds in (("Gained", _GAINS), ("Lost", _LOSSES)):
        amounts = [(getattr(moved, kind), word) for kind, word in kinds]
        if said := [f"{money(amount, currency)} {word}" for amount, word in amounts if amount]:
            lines.append(f"{what}: {', '.join(said)}.")
    if moved.fx:
        lines.append(f"By exchange rates: {money(moved.fx, currency, signed=True)}.")
    return [*lines, *_customers(frozen)]


def _month_plain(frozen: MetricsDocument) -> list[str]:
    start, end = frozen.movement_metrics.start, frozen.revenue_metrics.mrr
    went = "rose" if end > start else "fell" if end < start else "is what it was"
    return [f"MRR {went} in the month.", *_customers(frozen)]


_GAINS = (
    ("new", "from new customers"),
    ("reactivation", "from customers who came back"),
    ("expansion", "from customers who grew"),
    ("entering", "back from a pause"),
)
_LOSSES = (
    ("churn", "with customers who left"),
    ("contraction", "with customers who shrank"),
    ("leaving", "into a pause"),
)
"""Of all products together: a change of the product line is neither."""


def _customers(frozen: MetricsDocument) -> list[str]:
    told = frozen.customer_metrics
    return [f"{told.customers} customers at its end; {told.new} new, {told.churned} lost."]
