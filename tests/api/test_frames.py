"""Tables as pandas reads them: the rows of an answer, flat, as records and as CSV."""

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from starlette.testclient import TestClient

Client = Callable[..., TestClient]
TABLES = (
    ("history/towpilot?metrics=mrr,customers,nrr_12m&interval=day", "points"),
    ("movements/towpilot", "rows"),
    ("movements/towpilot/customers?period=2026-11", "rows"),
    ("cohorts/towpilot?measure=mrr", "cohorts"),
    ("customers/towpilot", "rows"),
    ("bridge/towpilot", "rows"),
)


def joined(path: str) -> str:
    return f"/api/v1/{path}{'&' if '?' in path else '?'}format=records"


@pytest.mark.parametrize(("path", "rows"), TABLES)
def test_records_and_csv_are_the_same_frame_as_the_answer(client: Client, path: str, rows: str) -> None:
    asked = client()
    answer = asked.get(f"/api/v1/{path}").json()[rows]
    records = asked.get(joined(path))
    assert records.headers["content-type"] == "application/vnd.eqho.records+json"
    text = asked.get(f"/api/v1/{path}", headers={"Accept": "text/csv"})
    assert text.headers["content-type"].startswith("text/csv")
    frame = pd.read_json(io.StringIO(records.text), convert_dates=False)
    table = pd.read_csv(io.StringIO(text.text))
    assert len(frame) == len(table) == len(answer) > 0
    assert list(frame.columns) == list(table.columns)
    assert cells(frame) == cells(table)
    shared = [name for name, value in answer[0].items() if not isinstance(value, dict | list)]
    assert shared
    assert cells(frame[shared]) == cells(pd.DataFrame(answer)[shared])


def cells(frame: pd.DataFrame) -> list[list[object]]:
    """Nothing is empty text, and a list is joined, as in CSV."""
    plain = frame.astype(object).map(lambda one: "; ".join(one) if isinstance(one, list) else one)
    return [["" if one is None or one != one else one for one in row] for row in plain.to_numpy().tolist()]


def test_nested_numbers_become_columns(client: Client) -> None:
    movements = client().get(joined("movements/towpilot?from=2026-11")).json()
    assert [row["customers_churn"] for row in movements] == [1]
    cohorts = client().get(joined("cohorts/towpilot")).json()
    assert {"cohort", "size", "month_0", "month_1"} <= set(cohorts[0])


def test_a_name_that_a_spreadsheet_would_run_is_guarded_in_csv_alone(client: Client, source: Any) -> None:
    person = source.account.retrieve("customer", "cus_000001", complete=True)
    source.account.put("customer", {**person, "name": '=HYPERLINK("http://x")'})
    asked = client()
    table = pd.read_csv(
        io.StringIO(asked.get("/api/v1/customers/towpilot", headers={"Accept": "text/csv"}).text)
    )
    assert '\'=HYPERLINK("http://x")' in list(table["name"])
    assert '=HYPERLINK("http://x")' in [row["name"] for row in asked.get(joined("customers/towpilot")).json()]


@pytest.mark.parametrize(
    ("accept", "csv"),
    [
        ("text/csv", True),
        ("text/csv;q=0.9, application/json;q=0.1", True),
        ("application/json, text/csv;q=0.5", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("*/*", False),
        ("text/csv;q=0", False),
        ("text/csv;q=many", False),
    ],
)
def test_csv_is_for_those_who_prefer_it(client: Client, accept: str, csv: bool) -> None:
    found = client().get("/api/v1/bridge/towpilot", headers={"Accept": accept})
    assert found.headers["content-type"].startswith("text/csv") is csv


def test_every_customer_is_in_the_frame_unless_a_page_is_asked_for(client: Client) -> None:
    assert len(client().get(joined("customers/towpilot?limit=1")).json()) == 1
    assert len(client().get(joined("customers/towpilot")).json()) == 3


def test_the_document_names_the_shapes(client: Client) -> None:
    document = client().get("/api/v1/openapi.json").json()
    for path in ("history", "movements", "cohorts", "customers", "bridge"):
        content = document["paths"][f"/{path}/{{product}}"]["get"]["responses"]["200"]["content"]
        assert set(content) == {"application/json", "application/vnd.eqho.records+json", "text/csv"}
