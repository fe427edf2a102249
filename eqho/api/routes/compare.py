"""`/compare`: an export of another tool beside the ledger. Nothing of it is kept."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from eqho.api.contract import answers
from eqho.api.parameters import LookUp, Policy
from eqho.api.responses import as_json
from eqho.inputs.exports import Kind
from eqho.metrics.comparison import ComparisonTotals, Difference
from eqho.products import ProductLines

routes = APIRouter(tags=["compare"])


class ComparedExport(msgspec.Struct, frozen=True):
    """`matched`: customers of the export found in Stripe, `matched_by` what. Amounts are major units.

    The `amount`s of `differences` add up to `totals.difference`. `problems` name the rows that were not used.
    """

    currency: str
    policy: str
    months: tuple[str, ...]
    matched: int
    matched_by: dict[str, int]
    agreeing: int
    differences: tuple[Difference, ...]
    totals: ComparisonTotals
    columns: dict[str, str]
    problems: tuple[str, ...]


@routes.post("/compare", operation_id="compareExport", responses=answers(ComparedExport, 400, 404, 503))
def compare(
    request: Request,
    tiers: LookUp,
    file: Annotated[UploadFile, File(description="CSV or Excel: customers with MRR, by month or of a day.")],
    kind: Annotated[Kind, Form(description="The tool that made it; auto recognises its columns.")] = "auto",
    product: Annotated[str, Form(description="As in the other calls.")] = "all-products",
    month: Annotated[str, Form(description="2026-10: what a file without dates is of.")] = "",
    policy: Policy = None,
) -> Response:
    """Every difference to an export of Stripe, ChartMogul, Baremetrics, ProfitWell, with its cause."""
    lines: ProductLines = request.app.state.lines
    found = tiers.compare(file.file.read(), lines.resolve(product), policy, kind, month)
    compared = found.comparison
    answer = ComparedExport(
        currency=compared.currency,
        policy=compared.policy,
        months=compared.months,
        matched=sum(compared.matched.values()),
        matched_by=compared.matched,
        agreeing=compared.agreeing,
        differences=compared.differences,
        totals=compared.totals,
        columns=found.columns,
        problems=found.problems,
    )
    return as_json(answer)
