"""Writes docs/definitions.md from the one place where metrics are defined: `python -m docs.definitions`."""

from pathlib import Path

from eqho.metrics.definitions import METRICS, VERSION, Definition

PAGE = Path(__file__).with_suffix(".md")
_UNITS = {
    "money": "major units of the currency",
    "count": "number",
    "rate": "fraction (0.05 is 5 %)",
    "ratio": "ratio",
    "months": "months",
}
_GOOD = {"up": "higher is better", "down": "lower is better", "neutral": "neither is better"}


def page() -> str:
    """The whole page, Markdown."""
    head = (
        "# Definitions\n\n"
        f"Version {VERSION} of the definitions, written by `python -m docs.definitions` from "
        "`eqho/metrics/definitions.py`. Pages and API read the same place.\n\n"
        "Months and days are those of `EQHO_TIMEZONE`. A number whose denominator is 0 is *not defined* and "
        "is shown with the reason; it is never 0 and never infinite. A *series* has a value at every "
        "period end.\n"
    )
    return "\n".join([head, *(_section(definition) for definition in METRICS.values())])


def _section(definition: Definition) -> str:
    facts = [f"`{definition.path}`", _UNITS[definition.unit], _GOOD[definition.good]]
    if definition.series:
        facts.append(f"series `{definition.slug}`")
    note = f"{definition.note}\n\n" if definition.note else ""
    return f"## {definition.title}\n\n{definition.formula}.\n\n{note}{' · '.join(facts)}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
