"""An export that somebody drops, read and held against the ledger. Nothing of it is kept."""

from datetime import date
from typing import get_args

import msgspec

from eqho.errors import BadArgument, NotToldYet
from eqho.metrics.comparison import Comparison, compare
from eqho.metrics.query import Scene
from eqho.periods import day_of


class ComparedExport(msgspec.Struct, frozen=True):
    """`columns`: which column of the file was taken for what. `problems` name the rows that were not used."""

    comparison: Comparison
    columns: dict[str, str]
    problems: tuple[str, ...]


def compare_export(scene: Scene, content: bytes, kind: str, month: str) -> ComparedExport:
    """`month` is the one (or the day) that a file without dates is of. Raises BadArgument, NotToldYet."""
    # It reads files with pandas, which is a heavy import: only for those who compare.
    from eqho.inputs.exports import Kind, month_or_day, read_export  # noqa: PLC0415

    if kind not in get_args(Kind):
        raise BadArgument(f"There is no kind of export “{kind[:30]}”; known: {', '.join(get_args(Kind))}.")
    if scene.untold:
        raise NotToldYet(scene.untold)
    day: date | None = None
    if month:
        if (named := month_or_day(month)) is None:
            raise BadArgument(f"month is like 2026-10 or 2026-10-31, not “{month[:30]}”.")
        day = named[1]
    read = read_export(content, scene.currency, kind, day)  # type: ignore[arg-type]
    today = day_of(scene.at, scene.zone)
    told = [claim for claim in read.claims if claim.day.replace(day=1) <= today]
    later = sorted({claim.label for claim in read.claims} - {claim.label for claim in told})
    if not told:
        raise BadArgument(f"The export is of {', '.join(later[:5])}, which has not come by {today}.")
    problems = (*read.problems, *(f"{label} has not come by {today} and is left out" for label in later))
    return ComparedExport(compare(scene, told), read.columns, problems)
