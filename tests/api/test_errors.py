"""Every failure: its status and its sentence."""

import pytest

from eqho.metrics.definitions import SERIES
from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.api.conftest import Client

PERIODS = "period is like 2026-10, 2026-Q4, 2026-W41 or 2026-10-05, not "


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        (
            "metrics/nope", 404,
            "There is no product 'nope'; the products are towpilot, all-products, fleetdesk, roadcall, "
            "other, unmapped.",
        ),
        ("nothing/here", 404, "There is nothing at /api/v1/nothing/here; see /api/v1/docs."),
        ("metrics/towpilot?as_of=yesterday", 400, "as_of is a day like 2026-10-31, not “yesterday”."),
        ("metrics/towpilot?as_of=2026-11-23", 400, "as_of (2026-11-23) lies in the future."),
        ("metrics/towpilot?as_of=0001-01-01", 400, "as_of is a day from 1971 to 2200, not “0001-01-01”."),
        ("metrics/summary?policy=x", 400, "policy is one of eqho, stripe, not “x”."),
        (
            "history/towpilot?metrics=mrr,magic", 400,
            f"There is no series “magic”; known: {', '.join(SERIES)}.",
        ),
        (
            "history/towpilot?interval=year", 400,
            "interval is one of day, week, month, quarter, not “year”.",
        ),
        (
            "history/towpilot?from=2026-10-02&to=2026-10-01", 400,
            "from (2026-10-02) lies after to (2026-10-01).",
        ),
        (
            "history/towpilot?from=1980-01-01&interval=day", 400,
            "The range has more than 5,000 days: ask for a shorter one.",
        ),
        ("movements/towpilot?from=9999-12-31", 400, "from is a day from 1971 to 2200, not “9999-12-31”."),
        ("movements/towpilot/customers", 400, "period: Field required."),
        ("movements/towpilot/customers?period=9999-12", 400, f"{PERIODS}“9999-12”."),
        ("movements/towpilot/customers?period=2026-W99", 400, f"{PERIODS}“2026-W99”."),
        (
            "movements/towpilot/customers?period=2026-11&kind=luck", 400,
            "kind is one of new, reactivation, expansion, entering, contraction, churn, leaving, not “luck”.",
        ),
        ("cohorts/towpilot?measure=luck", 400, "measure is one of customers, mrr, not “luck”."),
        (
            "cash/towpilot?from=2026-13", 400, "from is a month like 2026-10 or a day, not “2026-13”.",
        ),
        ("customers/towpilot?limit=1001", 400, "limit: Input should be less than or equal to 1000."),
        ("customers/towpilot?offset=-1", 400, "offset: Input should be greater than or equal to 0."),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(client: Client, path: str, status: int, detail: str) -> None:
    answer = client().get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


def test_a_range_of_many_years_is_fine_by_the_month(client: Client) -> None:
    answer = client().get("/api/v1/history/towpilot", params={"from": "2006-11-01", "metrics": "mrr"})
    assert len(answer.json()["points"]) == 241


@pytest.mark.parametrize(("method", "path"), [("GET", "cache/clear"), ("DELETE", "metrics/towpilot")])
def test_the_wrong_verb(client: Client, method: str, path: str) -> None:
    answer = client().request(method, f"/api/v1/{path}")
    assert answer.status_code == 405
    assert answer.json() == {"detail": f"{method} is not possible at /api/v1/{path}; see /api/v1/docs."}


def test_an_unknown_product_is_not_refreshed(client: Client, store: EmbeddedStore) -> None:
    answer = client().post("/api/v1/cache/refresh/nope", params={"wait": "true"})
    assert answer.status_code == 404
    assert store.generation() == 0


def test_the_store_is_away_before_the_first_build(
    client: Client, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        raise StoreUnavailable("MongoDB at db:27017 does not answer: start it.")

    monkeypatch.setattr(store, "generation", away)
    answer = client().get("/api/v1/metrics/towpilot")
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "MongoDB at db:27017 does not answer: start it.",
    )
    health = client().get("/health")
    assert (health.status_code, health.json()["reason"]) == (503, answer.json()["detail"])


def test_what_nobody_expected_shows_no_details(
    client: Client, tiers: Tiers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("rk_live_planted")

    monkeypatch.setattr(tiers, "metrics", broken)
    answer = client().get("/api/v1/metrics/towpilot")
    assert (answer.status_code, answer.json()) == (
        500,
        {"detail": "The server failed at this; its log says more."},
    )
    assert "GET /api/v1/metrics/towpilot failed" in caplog.text


def test_the_contract_is_published(client: Client) -> None:
    paths = client().get("/api/v1/openapi.json").json()["paths"]
    assert {
        "/metrics/summary", "/metrics/{product}", "/history/{product}", "/movements/{product}",
        "/movements/{product}/customers", "/cohorts/{product}", "/customers/{product}", "/bridge/{product}",
        "/cache/refresh/{product}", "/cache/clear", "/cache/stats",
    } <= set(paths)  # fmt: skip
    assert client().get("/api/v1/docs").status_code == 200
