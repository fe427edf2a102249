"""The routes of `/api/v1`. They look up and shape; what a number is stands in `metrics`."""

from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Query, Response
from fastapi.responses import JSONResponse

from eqho.api import errors
from eqho.api.guard import Guard
from eqho.api.inputs import inputs_router
from eqho.api.money import money_router
from eqho.products import ProductLines
from eqho.tiers import Provenance, Served, Tiers

Document = dict[str, Any]

SUMMARY = {
    "customers": ("customer_metrics", "customers"),
    "mrr": ("revenue_metrics", "mrr"),
    "arr": ("revenue_metrics", "arr"),
    "acv": ("revenue_metrics", "acv"),
    "arpa": ("revenue_metrics", "arpa"),
    "nrr_12m": ("retention_metrics", "nrr_12m"),
    "customer_churn_rate": ("retention_metrics", "customer_churn_rate"),
    "ltv": ("ltv_metrics", "ltv"),
    "cac": ("cac_metrics", "cac"),
    "ltv_cac": ("ltv_metrics", "ltv_cac"),
    "payback_months": ("cac_metrics", "payback_months"),
    "gross_margin": ("ltv_metrics", "gross_margin"),
}
CUSTOMER_FIELDS = ("customer", "name", "mrr", "since", "status", "lines", "plans", "stripe_url")

AsOf = Annotated[str | None, Query(description="A day like 2026-10-31: its end in the reporting zone.")]
Policy = Annotated[str | None, Query(description="eqho or stripe.")]
From = Annotated[str | None, Query(alias="from", description="First day.")]
To = Annotated[str | None, Query(description="Last day.")]
Basis = Annotated[str, Query(description="ledger: as known today; snapshot: as it was shown.")]
Interval = Annotated[str, Query(description="day, week, month or quarter.")]


def create_api(tiers: Tiers, lines: ProductLines, token: str | None) -> FastAPI:
    """An app to be mounted at `/api/v1`. `token` None: loopback clients only."""
    app = FastAPI(
        title="Eqho Metrics",
        version="1",
        description="Money in major units, rates as fractions, instants in UTC. "
        "A number that is not defined is null; `undefined` gives the reason.",
    )
    app.add_middleware(Guard, token=token)
    errors.install(app)
    app.include_router(inputs_router(tiers))
    app.include_router(money_router(tiers, lines))

    def known(product: str) -> str:
        return lines.resolve(product)

    Product = Annotated[str, Depends(known)]  # noqa: N806

    @app.get("/metrics/summary")
    def summary(as_of: AsOf = None, policy: Policy = None) -> dict[str, Document]:
        return {
            slug.replace("-", "_"): _summary(tiers.metrics(slug, as_of, policy).value)
            for slug in ("towpilot", "all-products")
        }

    @app.get("/metrics/{product}")
    def metrics(product: Product, as_of: AsOf = None, policy: Policy = None) -> Document:
        return with_provenance(tiers.metrics(product, as_of, policy))

    @app.get("/history/{product}")
    def history(
        product: Product,
        metrics: Annotated[str, Query(description="Comma-separated.")] = "mrr,customers",
        start: From = None,
        end: Annotated[str | None, Query(alias="to")] = None,
        interval: Interval = "month",
        basis: Basis = "ledger",
        as_of: AsOf = None,
        policy: Policy = None,
    ) -> Document:
        arguments = _given(metrics=metrics, start=start, end=end, interval=interval)
        if basis != "ledger":
            arguments["basis"] = basis
        return tiers.view("history", product, as_of, policy, **arguments).value

    @app.get("/movements/{product}")
    def movements(
        product: Product,
        start: From = None,
        end: Annotated[str | None, Query(alias="to")] = None,
        interval: Interval = "month",
        as_of: AsOf = None,
        policy: Policy = None,
    ) -> Document:
        arguments = _given(start=start, end=end, interval=interval)
        return tiers.view("movements", product, as_of, policy, **arguments).value

    @app.get("/movements/{product}/customers")
    def movement_customers(
        product: Product, period: str, kind: str | None = None, as_of: AsOf = None, policy: Policy = None
    ) -> Document:
        arguments = _given(period=period, kind=kind)
        return tiers.view("movement_customers", product, as_of, policy, **arguments).value

    @app.get("/cohorts/{product}")
    def cohorts(
        product: Product, measure: str = "customers", as_of: AsOf = None, policy: Policy = None
    ) -> Document:
        return tiers.view("cohorts", product, as_of, policy, measure=measure).value

    @app.get("/customers/{product}")
    def customers(
        product: Product,
        as_of: AsOf = None,
        policy: Policy = None,
        limit: Annotated[int, Query(ge=0, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> Document:
        found = tiers.view("customers", product, as_of, policy).value
        rows = found["rows"][offset : offset + limit]
        answer = {"total": found["total"], "rows": [{f: row[f] for f in CUSTOMER_FIELDS} for row in rows]}
        return answer | ({"undefined": found["undefined"]} if "undefined" in found else {})

    @app.get("/bridge/{product}")
    def bridge(product: Product, as_of: AsOf = None, policy: Policy = None) -> Document:
        return tiers.view("bridge", product, as_of, policy).value

    @app.post("/cache/refresh/{product}", status_code=202)
    def refresh(product: Product, response: Response, wait: bool = False) -> Document:
        status = tiers.refresh(wait=wait)
        if not wait:
            return {"status": status}
        response.status_code = 200
        return with_provenance(tiers.metrics(product))

    @app.post("/cache/clear")
    def clear() -> Document:
        return {"cleared": tiers.clear()}

    @app.get("/cache/stats")
    def stats() -> Document:
        return tiers.statistics()

    return app


def health_answer(tiers: Tiers) -> JSONResponse:
    """`GET /health`: no figures. 503 only while nothing can be served. `reason` stands there only when
    something is wrong."""
    health = tiers.health()
    if health["reason"] is None:
        del health["reason"]
    return JSONResponse(health, status_code=503 if health["status"] == "starting" else 200)


def with_provenance(served: Served[Document]) -> Document:
    return served.value | {"provenance": _shown(served.provenance)}


def _shown(provenance: Provenance) -> Document:
    fields = ("tier", "age_seconds", "source", "build", "stale", "stale_reason")
    known = msgspec.structs.asdict(provenance)
    return {field: known[field] for field in fields}


def _summary(document: Document) -> Document:
    return {name: document[group][field] for name, (group, field) in SUMMARY.items()}


def _given(**arguments: str | None) -> dict[str, str]:
    return {name: value for name, value in arguments.items() if value is not None}
