"""The routes of unit economics and cash by month."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from eqho.metrics.query import Document
from eqho.products import ProductLines
from eqho.tiers import Tiers

_From = Annotated[str | None, Query(alias="from", description="First day or month.")]
_To = Annotated[str | None, Query(alias="to", description="Last day or month.")]
_AsOf = Annotated[str | None, Query(description="A day like 2026-10-31: its end in the reporting zone.")]
_Policy = Annotated[str | None, Query(description="eqho or stripe.")]


def money_router(tiers: Tiers, lines: ProductLines) -> APIRouter:
    """GET of `/unit-economics/{product}` and `/cash/{product}`."""
    router = APIRouter(tags=["money"])

    def known(product: str) -> str:
        return lines.resolve(product)

    Product = Annotated[str, Depends(known)]  # noqa: N806

    def view(name: str, product: str, as_of: str | None, policy: str | None, **given: str | None) -> Document:
        arguments = {key: value for key, value in given.items() if value is not None}
        return tiers.view(name, product, as_of, policy, **arguments).value

    @router.get("/unit-economics/{product}", operation_id="readUnitEconomics")
    def unit_economics(
        product: Product, start: _From = None, end: _To = None, as_of: _AsOf = None, policy: _Policy = None
    ) -> Document:
        return view("unit_economics", product, as_of, policy, start=start, end=end)

    @router.get("/cash/{product}", operation_id="readCash")
    def cash(
        product: Product, start: _From = None, end: _To = None, as_of: _AsOf = None, policy: _Policy = None
    ) -> Document:
        return view("cash", product, as_of, policy, start=start, end=end)

    return router
