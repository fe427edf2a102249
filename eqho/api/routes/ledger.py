"""`/ledger.parquet`: the published spans for DuckDB, pandas and the like."""

from fastapi import APIRouter, Response

from eqho.api.contract import file_of
from eqho.api.parameters import LookUp
from eqho.ledger.tables import parquet

routes = APIRouter(tags=["ledger"])

_MEDIA = "application/vnd.apache.parquet"


@routes.get(
    "/ledger.parquet",
    operation_id="getLedger",
    response_class=Response,
    responses=file_of(_MEDIA, "The spans, one row each", 503),
)
def ledger(tiers: LookUp) -> Response:
    """Every stretch in which one subscription item was worth the same. Amounts are whole numbers of 1/10 000
    minor unit a month, instants UTC seconds; the file's metadata says what the codes mean."""
    name = {"Content-Disposition": "attachment; filename=ledger.parquet"}
    return Response(parquet(tiers.ledger()), media_type=_MEDIA, headers=name)
