"""Without any key: demo data, labelled as such; and the API's token on a real server."""

import httpx
import pytest

from tests.acceptance.conftest import Run

TOKEN = "planted-token-1234567890"


def test_demo_data_behind_a_token(run: Run) -> None:
    dashboard = run(EQHO_API_TOKEN=TOKEN)
    url = f"{dashboard.url}/api/v1/metrics/all-products"
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    refused = httpx.get(url, timeout=60)
    assert (refused.status_code, refused.json()) == (
        401,
        {"detail": "Send the header “Authorization: Bearer <EQHO_API_TOKEN>”."},
    )
    found = httpx.get(url, headers=bearer, timeout=60).json()
    assert found["provenance"]["source"] == "demo"
    assert found["customer_metrics"]["customers"] > 50
    by_line = sum(line["mrr"] for line in found["products"])
    assert found["revenue_metrics"]["mrr"] == pytest.approx(by_line, abs=0.03)
    other_site = httpx.get(url, headers=bearer | {"Origin": "https://evil.example"}, timeout=60)
    assert other_site.status_code == 403
    assert dashboard.health()[1]["source"] == "demo"
    assert TOKEN not in dashboard.log


def test_without_a_token_only_this_machine_may_ask(run: Run) -> None:
    dashboard = run()
    url = f"{dashboard.url}/api/v1/cache/stats"
    assert httpx.get(url).status_code == 200
    assert httpx.get(url, headers={"Host": "metrics.example.com"}).status_code == 401
    assert (
        httpx.post(
            f"{dashboard.url}/api/v1/cache/clear", headers={"Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
