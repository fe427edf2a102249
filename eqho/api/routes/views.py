"""Tables and series of a product."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from eqho.api.contract import answers
from eqho.api.parameters import (
    AsOf,
    Basis,
    From,
    Interval,
    Kind,
    LookUp,
    Measure,
    Policy,
    Product,
    To,
    given,
)
from eqho.metrics.definitions import SERIES
from eqho.metrics.rows import Bridge, Changed, Cohorts, Customers, History, ListedCustomer, Movements

routes = APIRouter(tags=["views"])


@routes.get("/history/{product}", operation_id="getHistory", responses=answers(History, 400, 404, 503))
def history(
    tiers: LookUp,
    product: Product,
    metrics: Annotated[
        str, Query(description=f"Comma-separated; known: {', '.join(SERIES)}.")
    ] = "mrr,customers",
    start: From = None,
    end: To = None,
    interval: Interval = "month",
    basis: Basis = "ledger",
    as_of: AsOf = None,
    policy: Policy = None,
) -> JSONResponse:
    """One point for every period that touches `from`..`to`."""
    arguments = given(metrics=metrics, start=start, end=end, interval=interval)
    if basis != "ledger":
        arguments["basis"] = basis
    return JSONResponse(tiers.view("history", product, as_of, policy, **arguments).value)


@routes.get("/movements/{product}", operation_id="getMovements", responses=answers(Movements, 400, 404, 503))
def movements(
    tiers: LookUp,
    product: Product,
    start: From = None,
    end: To = None,
    interval: Interval = "month",
    as_of: AsOf = None,
    policy: Policy = None,
) -> JSONResponse:
    """What moved MRR in each period; all amounts positive."""
    arguments = given(start=start, end=end, interval=interval)
    return JSONResponse(tiers.view("movements", product, as_of, policy, **arguments).value)


@routes.get(
    "/movements/{product}/customers",
    operation_id="getMovementCustomers",
    responses=answers(Changed, 400, 404, 503),
)
def movement_customers(
    tiers: LookUp,
    product: Product,
    period: Annotated[
        str, Query(description="A day, week, month or quarter.", examples=["2026-10", "2026-Q4", "2026-W41"])
    ],
    kind: Kind = None,
    as_of: AsOf = None,
    policy: Policy = None,
) -> JSONResponse:
    """The customers behind one period's movements."""
    arguments = given(period=period, kind=kind)
    return JSONResponse(tiers.view("movement_customers", product, as_of, policy, **arguments).value)


@routes.get("/cohorts/{product}", operation_id="getCohorts", responses=answers(Cohorts, 400, 404, 503))
def cohorts(
    tiers: LookUp, product: Product, measure: Measure = "customers", as_of: AsOf = None, policy: Policy = None
) -> JSONResponse:
    """Customers by the month of their first MRR, and what is left of them month by month."""
    return JSONResponse(tiers.view("cohorts", product, as_of, policy, measure=measure).value)


@routes.get("/customers/{product}", operation_id="getCustomers", responses=answers(Customers, 400, 404, 503))
def customers(
    tiers: LookUp,
    product: Product,
    as_of: AsOf = None,
    policy: Policy = None,
    limit: Annotated[int, Query(ge=0, le=1000, description="Rows of one answer.")] = 100,
    offset: Annotated[int, Query(ge=0, description="Rows left out before the first.")] = 0,
) -> JSONResponse:
    """Largest MRR first, those at 0 included."""
    found = tiers.view("customers", product, as_of, policy).value
    rows = found["rows"][offset : offset + limit]
    shown = [{field: row[field] for field in ListedCustomer.__struct_fields__} for row in rows]
    return JSONResponse(found | {"rows": shown})


@routes.get("/bridge/{product}", operation_id="getBridge", responses=answers(Bridge, 400, 404, 503))
def bridge(tiers: LookUp, product: Product, as_of: AsOf = None, policy: Policy = None) -> JSONResponse:
    """From list MRR to the total of each policy, step by step, with the subscriptions behind it."""
    return JSONResponse(tiers.view("bridge", product, as_of, policy).value)
