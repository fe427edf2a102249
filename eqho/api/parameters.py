"""What routes ask for: types, enums and the words of the OpenAPI document."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request

from eqho.metrics.cohorts import Measure as CohortMeasure
from eqho.metrics.movements import Kind as MovementKind
from eqho.periods import PeriodLength
from eqho.tiers import Tiers
from eqho.tiers.arguments import parse_day, parse_first, parse_last


async def _tiers(request: Request) -> Tiers:
    tiers: Tiers = request.app.state.tiers
    return tiers


async def _resolved(
    request: Request,
    product: Annotated[str, Path(description="all-products, a product line, other or unmapped.")],
) -> str:
    known: str = request.app.state.lines.resolve(product)
    return known


async def _as_of(
    as_of: Annotated[
        str | None,
        Query(description="A day: its end in the reporting zone. Without it, now.", examples=["2026-10-31"]),
    ] = None,
) -> date | None:
    return None if as_of is None else parse_day("as_of", as_of)


async def _from(
    start: Annotated[
        str | None,
        Query(alias="from", description="First day, or a month: its first day.", examples=["2026-01"]),
    ] = None,
) -> date | None:
    return None if start is None else parse_first("from", start)


async def _to(
    end: Annotated[
        str | None,
        Query(alias="to", description="Last day, or a month: its last day.", examples=["2026-10-31"]),
    ] = None,
) -> date | None:
    return None if end is None else parse_last("to", end)


LookUp = Annotated[Tiers, Depends(_tiers)]
Product = Annotated[str, Depends(_resolved)]
AsOf = Annotated[date | None, Depends(_as_of)]
From = Annotated[date | None, Depends(_from)]
To = Annotated[date | None, Depends(_to)]
Policy = Annotated[
    Literal["eqho", "stripe"] | None,
    Query(description="The convention of MRR and churn; without it the configured one."),
]
Interval = Annotated[PeriodLength, Query(description="Length of a period.")]
Basis = Annotated[
    Literal["ledger", "snapshot"], Query(description="ledger: as known today; snapshot: as it was shown.")
]
Measure = Annotated[CohortMeasure, Query(description="What is counted of a cohort.")]
Kind = Annotated[MovementKind | None, Query(description="One kind of movement; without it all.")]
