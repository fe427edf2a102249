"""The routes of what people enter: each list is read whole, and written whole over the number it was read
under."""

import re
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from eqho.api.contract import refusals
from eqho.errors import BadArgument, NoBuild, WrittenMeanwhile
from eqho.inputs.entries import FX, GOALS, MARGINS, SPEND, Kind, Listed
from eqho.metrics.entered import Goal, Margin, Rate, Spend
from eqho.metrics.goals import GoalState
from eqho.products import ALL
from eqho.tiers import Tiers, views

IfMatch = Annotated[
    str | None,
    Header(description="The ETag of the list that yours was made from; * writes over whatever is there."),
]
_ETAG = re.compile(r'(?:W/)?"(\d+)"')


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SpendRow(_Row):
    month: str = Field(examples=["2026-10"])
    category: str = Field(examples=["Paid ads"])
    amount: float = Field(description="Major units, 0 or more.", examples=[1200.5])
    currency: str = Field(examples=["USD"])
    product: str | None = Field(None, description="A product line; without it the spend is for all of them.")


class MarginRow(_Row):
    month: str = Field(description="The margin is known from this month on, for 12 months.")
    product: str = Field("all-products", description="A product line, or all-products.")
    gross_margin: float = Field(description="A fraction from 0 to 1.", examples=[0.8])


class RateRow(_Row):
    date: str = Field(examples=["2026-10-31"])
    currency: str = Field(examples=["EUR"])
    rate: float = Field(description="Units of the currency for one unit of the base, above 0.")


class GoalRow(_Row):
    metric: str = Field(examples=["mrr"])
    product: str = Field("all-products", description="A product line, or all-products.")
    period: str = Field(description="A month or a quarter: the goal is for its end.", examples=["2026-12"])
    target: float = Field(description="In the metric's unit: major units, a fraction, a number.")


class GoalAnswer(GoalRow):
    actual: float | None = Field(description="At the end of the period, or now; null while nobody can tell.")
    on_pace: bool | None = Field(
        description="Reached, or reached at the end at the pace of the last three closed months."
    )


def _rows_of(model: type[BaseModel]) -> dict[str, Any]:
    """What a client sends: rows are checked by hand, so that all bad ones are named at once."""
    row = model.model_json_schema()
    body = {"application/json": {"schema": {"type": "array", "items": row}}}
    return {"requestBody": {"required": True, "content": body}}


def inputs_router(tiers: Tiers) -> APIRouter:
    """GET and PUT of `/spend`, `/margins`, `/fx`, `/goals`."""
    refused, unread = refusals(400, 409, 503), refusals(503)
    router = APIRouter(tags=["inputs"])

    def read(kind: Kind, response: Response) -> Listed:
        return _tagged(tiers.entries.read(kind), response)

    def write(kind: Kind, rows: list[Any], if_match: str | None, response: Response) -> Listed:
        listed = tiers.enter(kind, rows, _expected(tiers, kind, if_match))
        return _tagged(listed, response)

    @router.get("/spend", operation_id="readSpend", responses=unread, response_model_exclude_none=True)
    def read_spend(response: Response) -> list[SpendRow]:
        return [_spend(row) for row in read(SPEND, response).rows]

    @router.put(
        "/spend",
        operation_id="replaceSpend",
        responses=refused,
        response_model_exclude_none=True,
        openapi_extra=_rows_of(SpendRow),
    )
    def replace_spend(
        rows: Annotated[list[Any], Body()], response: Response, if_match: IfMatch = None
    ) -> list[SpendRow]:
        return [_spend(row) for row in write(SPEND, rows, if_match, response).rows]

    @router.get("/margins", operation_id="readMargins", responses=unread)
    def read_margins(response: Response) -> list[MarginRow]:
        return [_margin(row) for row in read(MARGINS, response).rows]

    @router.put(
        "/margins", operation_id="replaceMargins", responses=refused, openapi_extra=_rows_of(MarginRow)
    )
    def replace_margins(
        rows: Annotated[list[Any], Body()], response: Response, if_match: IfMatch = None
    ) -> list[MarginRow]:
        return [_margin(row) for row in write(MARGINS, rows, if_match, response).rows]

    @router.get("/fx", operation_id="readRates", responses=unread)
    def read_rates(response: Response) -> list[RateRow]:
        return [_rate(row) for row in read(FX, response).rows]

    @router.put("/fx", operation_id="replaceRates", responses=refused, openapi_extra=_rows_of(RateRow))
    def replace_rates(
        rows: Annotated[list[Any], Body()], response: Response, if_match: IfMatch = None
    ) -> list[RateRow]:
        return [_rate(row) for row in write(FX, rows, if_match, response).rows]

    @router.get("/goals", operation_id="readGoals", responses=unread)
    def read_goals(response: Response) -> list[GoalAnswer]:
        return _goals(tiers, read(GOALS, response))

    @router.put("/goals", operation_id="replaceGoals", responses=refused, openapi_extra=_rows_of(GoalRow))
    def replace_goals(
        rows: Annotated[list[Any], Body()], response: Response, if_match: IfMatch = None
    ) -> list[GoalAnswer]:
        return _goals(tiers, write(GOALS, rows, if_match, response))

    return router


def _tagged(listed: Listed, response: Response) -> Listed:
    response.headers["ETag"] = f'"{listed.number}"'
    response.headers["Cache-Control"] = "no-store"
    return listed


def _expected(tiers: Tiers, kind: Kind, if_match: str | None) -> int | None:
    """The number of the list that the caller has read; None where it does not matter."""
    if if_match is None:
        listed = tiers.entries.read(kind)
        if listed.rows and not listed.sample:
            raise WrittenMeanwhile(
                f"There is a list of {kind.name} already: send its ETag (GET it first) as If-Match, "
                "or If-Match: * to write over it."
            )
        return listed.number
    if if_match.strip() == "*":
        return None
    tag = _ETAG.fullmatch(if_match.strip())
    if tag is None:
        raise BadArgument(f'If-Match is the ETag of GET, like "3", or *, not “{if_match[:40]}”.')
    return int(tag[1])


def _spend(row: Spend) -> SpendRow:
    return SpendRow(
        month=row.month,
        category=row.category,
        amount=float(row.amount),
        currency=row.currency,
        product=row.product,
    )


def _margin(row: Margin) -> MarginRow:
    return MarginRow(month=row.month, product=row.product, gross_margin=float(row.gross_margin))


def _rate(row: Rate) -> RateRow:
    return RateRow(date=row.date, currency=row.currency, rate=float(row.rate))


def _goals(tiers: Tiers, listed: Listed) -> list[GoalAnswer]:
    """In the order of the list. What is there cannot be told before the first build, nor while the past that
    it needs is not read."""
    told: dict[tuple[str, str, str], GoalState] = {}
    with suppress(NoBuild):
        for row in tiers.view(views.Goals(), ALL).value.rows:
            told[row.metric, row.product, row.period] = row
    return [_goal(goal, told.get((goal.metric, goal.product, goal.period))) for goal in listed.rows]


def _goal(goal: Goal, told: GoalState | None) -> GoalAnswer:
    return GoalAnswer(
        metric=goal.metric,
        product=goal.product,
        period=goal.period,
        target=float(goal.target),
        actual=told.actual if told else None,
        on_pace=told.on_pace if told else None,
    )
