"""What people enter, through the API: lists with an ETag, checked whole, and seen in the figures at once."""

from collections.abc import Callable
from typing import Any

import pytest

from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.api.conftest import Client
from tests.tiers.rig import SmallSource, replica, settle

OCTOBER = {"month": "2026-10", "category": "Paid ads", "amount": 1200.5, "currency": "USD"}
LISTS = {
    "spend": [OCTOBER, OCTOBER | {"category": "Sales", "product": "towpilot"}],
    "margins": [{"month": "2026-10", "product": "all-products", "gross_margin": 0.8}],
    "fx": [{"date": "2026-10-30", "currency": "EUR", "rate": 0.9137}],
}


@pytest.mark.parametrize(("name", "rows"), LISTS.items())
def test_a_list_comes_back_as_it_was_put(client: Client, name: str, rows: list[dict[str, Any]]) -> None:
    caller = client()
    empty = caller.get(f"/api/v1/{name}")
    assert (empty.json(), empty.headers["ETag"]) == ([], '"0"')
    put = caller.put(f"/api/v1/{name}", json=rows)
    assert (put.status_code, put.json(), put.headers["ETag"]) == (200, rows, '"1"')
    found = caller.get(f"/api/v1/{name}")
    assert (found.json(), found.headers["ETag"]) == (rows, '"1"')
    assert found.headers["Cache-Control"] == "no-store"


def test_goals_come_back_with_what_is_there_and_can_be_put_as_they_were_read(client: Client) -> None:
    """Ann and Cy pay $400 now; at the end of October Ann and Bob paid $500."""
    caller = client()
    rows = [
        {"metric": "mrr", "product": "all-products", "period": "2026-10", "target": 500.0},
        {"metric": "customers", "period": "2026-10", "target": 3},
    ]
    put = caller.put("/api/v1/goals", json=rows)
    assert (put.status_code, put.headers["ETag"]) == (200, '"1"')
    assert put.json() == [
        rows[0] | {"actual": 500.0, "on_pace": True},
        rows[1] | {"product": "all-products", "actual": 2.0, "on_pace": False},
    ]
    read = caller.get("/api/v1/goals")
    assert read.json() == put.json()
    again = caller.put("/api/v1/goals", json=read.json(), headers={"If-Match": read.headers["ETag"]})
    assert (again.status_code, again.json()) == (200, read.json())
    assert caller.put("/api/v1/goals", json=rows, headers={"If-Match": '"1"'}).status_code == 409


def test_every_bad_goal_is_named(client: Client) -> None:
    goal = {"metric": "mrr", "period": "2026-12", "target": 1}
    bad = [
        goal,
        goal | {"product": "all_products"},
        goal | {"metric": "quick_ratio"},
        goal | {"period": "2026-W50"},
        goal | {"target": -1},
        goal | {"target": None},
        goal | {"product": "nope"},
    ]
    detail = client().put("/api/v1/goals", json=bad).json()["detail"]
    for said in (
        "row 2: it has the metric, product and period of row 1",
        "row 3: metric “quick_ratio” has no goals",
        "row 4: period “2026-W50” is no month and no quarter",
        "row 5: target -1 cannot be",
        "row 6: target is missing",
        "row 7: there is no product 'nope'",
    ):
        assert said in detail


def test_the_second_of_two_who_read_the_same_list_gets_409(client: Client) -> None:
    caller = client()
    assert caller.put("/api/v1/spend", json=[OCTOBER]).status_code == 200
    mine = caller.put("/api/v1/spend", json=[OCTOBER], headers={"If-Match": '"1"'})
    assert mine.status_code == 200
    theirs = caller.put("/api/v1/spend", json=[], headers={"If-Match": '"1"'})
    assert theirs.status_code == 409
    assert theirs.json() == {
        "detail": "Somebody else has changed this list meanwhile: read it again, then write yours."
    }
    assert caller.get("/api/v1/spend").json() == [OCTOBER]


def test_a_list_that_is_there_is_not_written_over_unread(client: Client) -> None:
    caller = client()
    caller.put("/api/v1/spend", json=[OCTOBER])
    refused = caller.put("/api/v1/spend", json=[])
    assert refused.status_code == 409
    assert "If-Match" in refused.json()["detail"]
    assert caller.put("/api/v1/spend", json=[], headers={"If-Match": "*"}).json() == []
    assert caller.put("/api/v1/spend", json=[OCTOBER]).status_code == 200
    assert caller.put("/api/v1/spend", json=[], headers={"If-Match": "three"}).status_code == 400


def test_every_bad_row_is_named_and_nothing_is_stored(client: Client) -> None:
    caller = client()
    rows = [OCTOBER, OCTOBER, OCTOBER | {"month": "2026-13"}, OCTOBER | {"month": "2026-09", "amount": "5"}]
    refused = caller.put("/api/v1/spend", json=rows)
    assert refused.status_code == 400
    detail = refused.json()["detail"]
    assert detail.startswith("Nothing is saved: row 2: it has the month, category and product of row 1")
    assert "row 3: month “2026-13”" in detail
    assert "row 4: amount “5” is text" in detail
    assert caller.get("/api/v1/spend").json() == []


def test_a_body_that_is_no_list_is_a_bad_request(client: Client) -> None:
    caller = client()
    for body in (b'{"month": "2026-10"}', b"no JSON", b"[" * 100_000):
        refused = caller.put("/api/v1/spend", content=body, headers={"content-type": "application/json"})
        assert refused.status_code == 400
    assert caller.put("/api/v1/spend", json={"month": "2026-10"}).json() == {
        "detail": "The body is not what this call takes: send JSON as /api/v1/docs shows it."
    }


def test_an_entry_is_seen_at_once(client: Client, get: Callable[..., Any]) -> None:
    caller = client()
    assert get("metrics/all-products")["cac_metrics"]["cac"] is None
    # Ann began in September, Bob in October: two new customers in the three closed months.
    caller.put("/api/v1/spend", json=[OCTOBER | {"amount": 4_000}])
    assert get("metrics/all-products")["cac_metrics"]["cac"] == 2_000.0
    assert get("metrics/summary")["all_products"]["cac"] == 2_000.0
    caller.put("/api/v1/spend", json=[OCTOBER | {"amount": 3_000}], headers={"If-Match": '"1"'})
    assert get("metrics/all-products")["cac_metrics"]["cac"] == 1_500.0


def test_an_entry_is_seen_on_another_replica(
    client: Client, store: EmbeddedStore, source: SmallSource, tiers: Tiers
) -> None:
    def cac(of: Tiers) -> Any:
        return of.metrics("all-products").value.cac_metrics.cac

    other = replica(store, source)
    assert cac(tiers) is None
    assert cac(other) is None
    client().put("/api/v1/spend", json=[OCTOBER | {"amount": 4_000}])
    other._poll()  # what its background does every two seconds
    settle(lambda: cac(other) == 2_000.0)
