"""Tables and series of a product."""

from typing import Annotated

import msgspec
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
)
from eqho.metrics.customer_rows import Customers, ListedCustomer
from eqho.metrics.definitions import SERIES
from eqho.metrics.history_rows import History
from eqho.metrics.rows import Bridge, Changed, CohortTable, Movements
from eqho.tiers import recorded_views, views

routes = APIRouter(tags=["views"])


@routes.get("/history/{product}", operation_id="getHistory", responses=tables(History, 400, 404, 503))
def history(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    start: From,
    end: To,
    as_of: AsOf,
    metrics: Annotated[
        str, Query(description=f"Comma-separated; known: {', '.join(SERIES)}.")
    ] = "mrr,customers",
    interval: Interval = "month",
    basis: Basis = "ledger",
    policy: Policy = None,
) -> Response:
    """One point for every period that touches `from`..`to`."""
    asked = views.History if basis == "ledger" else recorded_views.ShownHistory
    slugs = tuple(slug for slug in metrics.split(",") if slug)
    found = tiers.view(asked(slugs, start, end, interval), product, as_of, policy).value
    return framed(shape, found, found.points, tiers)


@routes.get("/movements/{product}", operation_id="getMovements", responses=tables(Movements, 400, 404, 503))
def movements(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    start: From,
    end: To,
    as_of: AsOf,
    interval: Interval = "month",
    policy: Policy = None,
) -> Response:
    """What moved MRR in each period; all amounts positive."""
    found = tiers.view(views.Movements(start, end, interval), product, as_of, policy).value
    return framed(shape, found, found.rows, tiers)


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
    as_of: AsOf,
    kind: Kind = None,
    policy: Policy = None,
) -> Response:
    """The customers behind one period's movements."""
    found = tiers.view(views.MovementCustomers(period, kind), product, as_of, policy).value
    return framed(shape, found, found.rows, tiers)


@routes.get("/cohorts/{product}", operation_id="getCohorts", responses=tables(CohortTable, 400, 404, 503))
def cohorts(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    as_of: AsOf,
    measure: Measure = "customers",
    policy: Policy = None,
) -> Response:
    """Customers by the month of their first MRR, and what is left of them month by month."""
    found = tiers.view(views.Cohorts(measure), product, as_of, policy).value
    return framed(shape, found, found.cohorts, tiers)


@routes.get("/customers/{product}", operation_id="getCustomers", responses=tables(Customers, 400, 404, 503))
def customers(
    tiers: LookUp,
    shape: Wanted,
    product: Product,
    as_of: AsOf,
    policy: Policy = None,
    limit: Annotated[
        int | None,
        Query(ge=0, le=1000, description="Rows of one answer: 100 by default, as records and CSV all."),
    ] = None,
    offset: Annotated[int, Query(ge=0, description="Rows left out before the first.")] = 0,
) -> Response:
    """Largest MRR first, those at 0 included."""
    found = tiers.view(views.Customers(), product, as_of, policy).value
    most = limit if limit is not None else 100 if shape is None else found.total
    rows = found.rows[offset:] if most is None else found.rows[offset : offset + most]
    shown = [msgspec.convert(row, ListedCustomer, from_attributes=True) for row in rows]
    return framed(shape, Customers(found.total, shown, found.undefined), shown, tiers)


@routes.get("/bridge/{product}", operation_id="getBridge", responses=tables(Bridge, 400, 404, 503))
def bridge(tiers: LookUp, shape: Wanted, product: Product, as_of: AsOf, policy: Policy = None) -> Response:
    """From list MRR to the total of each policy, step by step, with the subscriptions behind it."""
    found = tiers.view(views.Bridge(), product, as_of, policy).value
    return framed(shape, found, found.rows, tiers)
