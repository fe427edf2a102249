"""`POST /compare`: a file goes in, differences with their causes come out."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Client


@pytest.fixture
def caller(client: Client) -> TestClient:
    return client()


def compared(caller: TestClient, content: str, **form: str) -> Any:
    return caller.post("/api/v1/compare", files={"file": ("export.csv", content.encode())}, data=form)


def test_every_difference_has_its_cause_and_they_add_up(caller: TestClient) -> None:
    rows = caller.get("/api/v1/customers/all-products").json()["rows"]
    told = [f"{row['customer']},2026-11,{row['mrr']}" for row in rows[1:]]
    answer = compared(caller, "\n".join(["customer id,month,mrr", *told, "cus_ghost,2026-11,12.50"]))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [(d["customer"], d["cause"], d["amount"]) for d in found["differences"]] == [
        (rows[0]["customer"], "not in theirs", -rows[0]["mrr"]),
        ("cus_ghost", "not in Stripe", 12.5),
    ]
    assert found["totals"]["difference"] == 12.5 - rows[0]["mrr"]
    assert (found["matched"], found["matched_by"]["id"]) == (len(rows) - 1, len(rows) - 1)


@pytest.mark.parametrize(
    ("content", "form", "status", "said"),
    [
        ("", {}, 400, "empty"),
        ("customer id,mrr\ncus_1,5\n", {}, 400, "no column of months or dates"),
        ("customer id,mrr\ncus_1,5\n", {"month": "soon"}, 400, "month is like 2026-10"),
        ("customer id,mrr\ncus_1,5\n", {"month": "2099-01"}, 400, "has not come"),
        ("customer id,mrr\ncus_1,5\n", {"month": "2026-10", "kind": "abacus"}, 400, "kind"),
        ("customer id,mrr\ncus_1,5\n", {"month": "2026-10", "product": "abacus"}, 404, "abacus"),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(
    caller: TestClient, content: str, form: dict[str, str], status: int, said: str
) -> None:
    answer = compared(caller, content, **form)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]


def test_a_call_without_a_file_is_told_so(caller: TestClient) -> None:
    answer = caller.post("/api/v1/compare", data={"kind": "auto"})
    assert answer.status_code == 400
    assert "file" in answer.json()["detail"]
