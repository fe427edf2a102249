"""The OpenAPI document says what is answered: every route is typed, and so is every answer."""

import io
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pyarrow.parquet as pq
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from eqho.api import contract
from eqho.api.app import create_api
from eqho.api.models import Metrics
from eqho.api.webhook import PATH
from eqho.ledger.spans import Span
from eqho.sources.demo import DemoSource
from eqho.store.embedded import EmbeddedStore
from tests.api.conftest import Client, Get
from tests.services.plain_account import NOW
from tests.tiers.rig import LINES, replica

PRODUCTS = ("all-products", *LINES.keys)
ASKED = [
    "/metrics/summary",
    *(f"/metrics/{product}" for product in PRODUCTS),
    "/metrics/towpilot?as_of=2026-03-31&policy=stripe",
    *(
        f"/history/towpilot?interval={interval}&from=2026-06"
        for interval in ("day", "week", "month", "quarter")
    ),
    "/history/all-products?metrics=mrr,arr,customers,arpa,quick_ratio,nrr_12m,customer_churn_rate",
    "/history/towpilot?basis=snapshot",
    "/movements/towpilot",
    "/movements/all-products?interval=quarter&policy=stripe",
    "/movements/towpilot/customers?period=2026-10",
    "/changes/all-products",
    "/changes/towpilot?days=30&policy=stripe",
    "/cohorts/towpilot",
    "/cohorts/towpilot?measure=mrr",
    "/customers/all-products?limit=1000",
    "/customers/all-products?limit=1000&policy=stripe",
    "/bridge/all-products",
    "/unit-economics/all-products",
    "/unit-economics/towpilot?from=2026-05&to=2026-08",
    "/cash/all-products",
    "/cash/towpilot?from=2026-01",
    "/forecast/all-products",
    "/forecast/towpilot?months=3&as_of=2026-06-30",
    "/goals",
    "/cache/stats",
    "/spend",
    "/margins",
    "/fx",
]


TABLES = [
    "/history/all-products", "/movements/all-products", "/movements/towpilot/customers?period=2026-10",
    "/cohorts/towpilot", "/cohorts/towpilot?measure=mrr", "/customers/all-products", "/bridge/all-products",
]  # fmt: skip
MODELS = {model.__name__: model for model in contract.models()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    store = EmbeddedStore(tmp_path_factory.mktemp("demo") / "eqho.db")
    app = Starlette(
        routes=[Mount("/api/v1", create_api(replica(store, DemoSource(lambda: NOW)), LINES, None))]
    )
    yield TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50_000))
    store.close()


@pytest.fixture(scope="module")
def document(demo: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = demo.get("/api/v1/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, verb, operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    ]


def operation_of(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The operation of a GET, by its path with the product in it."""
    if path in document["paths"]:
        return document["paths"][path]["get"]
    words = path.split("/")
    words[2] = "{product}"
    return document["paths"]["/".join(words)]["get"]


@pytest.mark.parametrize("asked", ASKED)
def test_every_answer_of_the_demo_is_valid(demo: TestClient, document: dict[str, Any], asked: str) -> None:
    answer = demo.get(f"/api/v1{asked}")
    assert answer.status_code == 200, answer.text
    operation = operation_of(document, asked.partition("?")[0])
    _validate(answer.json(), operation, "application/json", document)
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    model = MODELS.get(schema.get("$ref", "").rpartition("/")[2])
    if model is not None:  # nothing is answered beside what the model names
        assert msgspec.to_builtins(msgspec.convert(answer.json(), model, strict=False)) == answer.json()


def test_a_comparison_is_valid(demo: TestClient, document: dict[str, Any]) -> None:
    export = "customer id,mrr\ncus_ghost,12.50\n"
    answer = demo.post(
        "/api/v1/compare",
        files={"file": ("export.csv", export, "text/csv")},
        data={"month": "2026-10", "product": "towpilot"},
    )
    assert answer.status_code == 200, answer.text
    assert {one["cause"] for one in answer.json()["differences"]} >= {"not in Stripe", "not in theirs"}
    _validate(answer.json(), document["paths"]["/compare"]["post"], "application/json", document)


def test_goals_that_are_set_are_valid(demo: TestClient, document: dict[str, Any]) -> None:
    goal = {"metric": "mrr", "product": "all-products", "period": "2026-12", "target": 100_000}
    written = demo.put("/api/v1/goals", json=[goal], headers={"If-Match": "*"})
    assert written.json()[0]["actual"] is not None
    _validate(written.json(), document["paths"]["/goals"]["put"], "application/json", document)


@pytest.mark.parametrize("path", TABLES)
def test_the_records_of_a_table_are_valid(demo: TestClient, document: dict[str, Any], path: str) -> None:
    answer = demo.get(f"/api/v1{path}{'&' if '?' in path else '?'}format=records")
    assert answer.json()
    operation = operation_of(document, path.partition("?")[0])
    _validate(answer.json(), operation, answer.headers["content-type"], document)


def _validate(answer: Any, operation: dict[str, Any], media: str, document: dict[str, Any]) -> None:
    schema = operation["responses"]["200"]["content"][media]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})


def test_an_answer_may_hold_nothing_beside_what_is_described(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema:
            # The months of a cohort are as many as there are.
            assert schema["additionalProperties"] is False or name == "CohortRowRecord", name


def test_no_class_of_a_generated_client_is_called_as_its_own_field(document: dict[str, Any]) -> None:
    """Python's generator makes a module, and in it a variable, of a class's name."""
    for name, schema in document["components"]["schemas"].items():
        assert re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() not in schema.get("properties", {}), name


def test_the_webhook_is_described_without_a_token(document: dict[str, Any]) -> None:
    operation = document["paths"]["/stripe/webhook"]["post"]
    assert (operation["operationId"], operation["security"]) == ("receiveStripeEvent", [])
    assert set(operation["responses"]) == {"200", "400", "404", "413", "503"}
    assert PATH == "/api/v1/stripe/webhook"


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_metrics_document_has_the_fields_of_its_model_and_no_others(
    demo: TestClient, product: str
) -> None:
    answer = demo.get(f"/api/v1/metrics/{product}").json()
    read = msgspec.convert(answer, Metrics)
    assert msgspec.to_builtins(read) == answer
    assert answer.keys() - {"products"} == set(Metrics.__struct_fields__) - {"products"}


def test_no_answer_is_untyped(document: dict[str, Any]) -> None:
    for path, verb, operation in operations(document):
        for status, response in operation["responses"].items():
            for media, content in response.get("content", {}).items():
                if media.endswith("json"):
                    assert list(_untyped(content["schema"], f"{verb} {path} {status}")) == []
    for name, schema in document["components"]["schemas"].items():
        assert set(_untyped(schema, name)) == set()


def _untyped(schema: Any, path: str) -> Iterator[str]:
    """Places where anything may stand. Maps from names that nobody knows beforehand have typed values."""
    if isinstance(schema, list):
        for i, inner in enumerate(schema):
            yield from _untyped(inner, f"{path}[{i}]")
    elif isinstance(schema, dict):
        typed = {"$ref", "type", "anyOf", "allOf", "oneOf", "enum", "const"} & schema.keys()
        if not typed:
            yield path
        if schema.get("type") == "array" and "items" not in schema:
            yield path
        if schema.get("additionalProperties") is True:
            yield path
        if schema.get("type") == "object" and not {"properties", "additionalProperties"} & schema.keys():
            yield path
        for word in ("items", "additionalProperties", "anyOf"):
            if word in schema:
                yield from _untyped(schema[word], f"{path}.{word}")
        for name, inner in schema.get("properties", {}).items():
            yield from _untyped(inner, f"{path}.{name}")


def test_every_operation_has_a_name_the_guards_refusals_and_the_bearer_scheme(
    document: dict[str, Any],
) -> None:
    found = operations(document)
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names))
    assert {
        "getSummary", "getMetrics", "getHistory", "getMovements", "getMovementCustomers", "getCohorts",
        "getCustomers", "getBridge", "refresh", "clearCaches", "getCacheStatistics",
    } <= set(names)  # fmt: skip
    for path, _, operation in found:
        if path == "/stripe/webhook":
            continue
        statuses = set(operation["responses"])
        assert {"401", "403"} <= statuses
        assert "422" not in statuses
        assert ("404" in statuses) == ("{product}" in path or path == "/compare")
        assert operation["security"] == [{"bearer": []}]
        assert operation["summary"]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert not {"HTTPValidationError", "ValidationError"} & document["components"]["schemas"].keys()


def test_choices_are_enums(document: dict[str, Any]) -> None:
    def choices(path: str, name: str) -> list[str]:
        (schema,) = (p["schema"] for p in document["paths"][path]["get"]["parameters"] if p["name"] == name)
        return next(s["enum"] for s in (schema, *schema.get("anyOf", ())) if "enum" in s)

    assert choices("/metrics/{product}", "policy") == ["eqho", "stripe"]
    assert choices("/history/{product}", "interval") == ["day", "week", "month", "quarter"]
    assert choices("/history/{product}", "basis") == ["ledger", "snapshot"]
    assert choices("/cohorts/{product}", "measure") == ["customers", "mrr"]
    assert "leaving" in choices("/movements/{product}/customers", "kind")
    status = document["components"]["schemas"]["ListedCustomer"]["properties"]["status"]
    assert "cancelling" in status["enum"]


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    for path in ("metrics/towpilot", "metrics/nope", "docs", "openapi.json"):
        head, get = client().head(f"/api/v1/{path}"), client().get(f"/api/v1/{path}")
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
        if path != "metrics/towpilot":  # its age is part of the answer
            assert head.headers["content-length"] == get.headers["content-length"]


def test_no_answer_is_kept_on_its_way(client: Client) -> None:
    for path in ("metrics/towpilot", "history/towpilot", "customers/towpilot", "cache/stats", "metrics/nope"):
        assert client().get(f"/api/v1/{path}").headers["cache-control"] == "no-store"
    assert client("a token").get("/api/v1/metrics/towpilot").headers["cache-control"] == "no-store"


def test_the_page_of_the_contract_needs_no_network(client: Client) -> None:
    page = client().get("/api/v1/docs").text
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/api/v1/docs/assets/{asset}" in page
        assert client().get(f"/api/v1/docs/assets/{asset}").status_code == 200
    assert "/api/v1/openapi.json" in page


def test_a_range_is_given_in_days_or_in_months(get: Get) -> None:
    months = get("history/towpilot", **{"from": "2026-09", "to": "2026-10"})
    assert [point["date"] for point in months["points"]] == ["2026-09-30", "2026-10-31"]
    assert months == get("history/towpilot", **{"from": "2026-09-01", "to": "2026-10-31"})
    days = get("history/towpilot", interval="day", **{"from": "2026-10", "to": "2026-10"})
    assert [days["points"][0]["date"], days["points"][-1]["date"]] == ["2026-10-01", "2026-10-31"]
    rows = get("movements/towpilot", **{"from": "2026-10", "to": "2026-11-05"})["rows"]
    assert [row["period"] for row in rows] == ["2026-10", "2026-11"]


def test_arr_is_twelve_times_the_exact_mrr_rounded_once(demo: TestClient) -> None:
    """The kind of CASES.md 19: MRR as it is shown is rounded itself, so 12 times it may be 6 cents off."""
    apart = []
    for product in PRODUCTS:
        revenue = demo.get(f"/api/v1/metrics/{product}").json()["revenue_metrics"]
        assert abs(revenue["arr"] - 12 * revenue["mrr"]) <= 0.06 + 1e-6
        apart.append(round(revenue["arr"] - 12 * revenue["mrr"], 2))
    assert any(apart)


def test_the_ledger_as_a_parquet_file(demo: TestClient, document: dict[str, Any]) -> None:
    answer = demo.get("/api/v1/ledger.parquet")
    media = "application/vnd.apache.parquet"
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (media, "no-store")
    spans = pq.read_table(io.BytesIO(answer.content), use_threads=False)
    assert spans.column_names == list(Span._fields)
    assert "MRR are the rows below 2" in spans.schema.metadata[b"states"].decode()
    said = document["paths"]["/ledger.parquet"]["get"]["responses"]["200"]["content"]
    assert said == {media: {"schema": {"type": "string", "format": "binary"}}}
