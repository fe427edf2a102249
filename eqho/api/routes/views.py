"""Tables and series of a product."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from eqho.api.contract import tables
from eqho.api.frames import Wanted, framed
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


@routes.get("/history/{product}", operation_id="getHistory", responses=tables(History, 400, 404, 503))
def history(
    tiers: LookUp,
    shape: Wanted,
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
) -> Response:
    """One point for every period that touches `from`..`to`."""
    arguments = given(metrics=metrics, start=start, end=end, interval=interval)
    if basis != "ledger":
        arguments["basis"] = basis
    found = tiers.view("history", product, as_of, policy, **arguments).value
    return framed(shape, found, found["points"], tiers)


@routes.get("/movements/{product}", operation_id="getMovements", responses=tables(Movements, 400, 404, 503))
def movements(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    start: From = None,
    end: To = None,
    interval: Interval = "month",
    as_of: AsOf = None,
    policy: Policy = None,
) -> Response:
    """What moved MRR in each period; all amounts positive."""
    arguments = given(start=start, end=end, interval=interval)
    found = tiers.view("movements", product, as_of, policy, **arguments).value
    return framed(shape, found, found["rows"], tiers)


@routes.get(
    "/movements/{product}/customers",
    operation_id="getMovementCustomers",
    responses=tables(Changed, 400, 404, 503),
)
def movement_customers(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    period: Annotated[
        str, Query(description="A day, week, month or quarter.", examples=["2026-10", "2026-Q4", "2026-W41"])
    ],
    kind: Kind = None,
    as_of: AsOf = None,
    policy: Policy = None,
) -> Response:
    """The customers behind one period's movements."""
    arguments = given(period=period, kind=kind)
    found = tiers.view("movement_customers", product, as_of, policy, **arguments).value
    return framed(shape, found, found["rows"], tiers)


@routes.get("/cohorts/{product}", operation_id="getCohorts", responses=tables(Cohorts, 400, 404, 503))
def cohorts(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    measure: Measure = "customers",
    as_of: AsOf = None,
    policy: Policy = None,
) -> Response:
    """Customers by the month of their first MRR, and what is left of them month by month."""
    found = tiers.view("cohorts", product, as_of, policy, measure=measure).value
    return framed(shape, found, found["cohorts"], tiers)


@routes.get("/customers/{product}", operation_id="getCustomers", responses=tables(Customers, 400, 404, 503))
def customers(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    as_of: AsOf = None,
    policy: Policy = None,
    limit: Annotated[
        int | None,
        Query(ge=0, le=1000, description="Rows of one answer: 100 by default, as records and CSV all."),
    ] = None,
    offset: Annotated[int, Query(ge=0, description="Rows left out before the first.")] = 0,
) -> Response:
    """Largest MRR first, those at 0 included."""
    found = tiers.view("customers", product, as_of, policy).value
    most = limit if limit is not None else 100 if shape is None else found["total"]
    rows = found["rows"][offset : offset + most]
    shown = [{field: row[field] for field in ListedCustomer.__struct_fields__} for row in rows]
    return framed(shape, found | {"rows": shown}, shown, tiers)


@routes.get("/bridge/{product}", operation_id="getBridge", responses=tables(Bridge, 400, 404, 503))
def bridge(
    tiers: LookUp, shape: Wanted, product: Product, as_of: AsOf = None, policy: Policy = None
) -> Response:
    """From list MRR to the total of each policy, step by step, with the subscriptions behind it."""
    found = tiers.view("bridge", product, as_of, policy).value
    return framed(shape, found, found["rows"], tiers)
