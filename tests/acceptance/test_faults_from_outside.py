"""Faults of the world around the dashboard: a slow Stripe, TLS, clocks, two on one folder, the end."""

import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.acceptance.test_tiers_from_outside import becomes, fourth_customer, told
from tests.services.mongod import Mongod
from tests.services.plain_account import plain_account
from tests.services.session import session
from tests.services.stripe_server import Limit, StripeServer, stripe_server


@pytest.fixture
def account() -> StripeAccount:
    return plain_account(3)


@pytest.fixture
def stripe(account: StripeAccount) -> Iterator[StripeServer]:
    with stripe_server(account, KEY) as server:
        yield server


def test_stripe_slow_limiting_and_failing_at_random_delays_figures_and_changes_none(
    run: Run, stripe: StripeServer, account: StripeAccount
) -> None:
    stripe.latency, stripe.limit = 0.1, Limit(20)
    stripe.faults.at_random(0.2, 14, ("429", "429 retry-after", "500", "503", "502 html", "reset"))
    dashboard = run(**of_stripe(stripe))
    becomes(300.0, lambda: told(dashboard)[0] if dashboard.refused()[0] == 200 else None, 60)
    fourth_customer(account)
    waiting = threading.Thread(target=dashboard.refresh)
    waiting.start()
    # Whoever looks meanwhile is answered from what is there.
    assert told(dashboard)[0] in {300.0, 400.0}
    waiting.join()
    becomes(400.0, lambda: told(dashboard)[0], 60)
    assert stripe.faults.seen.total() > 2


@pytest.mark.parametrize("server_speaks_tls", [False, True], ids=["no TLS", "unknown certificate"])
def test_tls_that_cannot_be_agreed_on_is_named_as_such(
    run: Run, stripe: StripeServer, tmp_path_factory: pytest.TempPathFactory, server_speaks_tls: bool
) -> None:
    folder = tmp_path_factory.mktemp("tls")
    certificate = _self_signed(folder / "server.pem")
    options = ("--tlsMode", "allowTLS", "--tlsCertificateKeyFile", str(certificate))
    server = Mongod(folder, *(options if server_speaks_tls else ())).start()
    try:
        dashboard = run(**of_stripe(stripe), MONGODB_URL=f"{server.url}/?tls=true")
        becomes(
            f"MongoDB at 127.0.0.1:{server.port} and the dashboard do not agree on TLS",
            lambda: str(dashboard.health()[1].get("reason")).partition(" (")[0],
        )
        reason = dashboard.health()[1]["reason"]
        assert "tlsCAFile" in reason
        why = reason.partition("agree on TLS (")[2].partition(")")[0]
        assert ("certificate" in why.lower()) is server_speaks_tls, reason
        assert "Traceback" not in dashboard.log
    finally:
        server.stop()


def _self_signed(path: Path) -> Path:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_clock_that_jumps_back_and_ahead_loses_no_figure(
    run: Run, stripe: StripeServer, account: StripeAccount
) -> None:
    """The machine's clock is a day behind Stripe's, when one of the customers had not come, then three days
    ahead, then right."""
    dashboard = run(**of_stripe(stripe))
    assert told(dashboard)[0] == 300.0
    for clock, expected in (
        ("2026-11-21T12:00:00Z", 200.0),
        ("2026-11-25T12:00:00Z", 400.0),
        ("2026-11-22T12:00:00Z", 400.0),
    ):
        dashboard.settings["EQHO_NOW"] = clock
        dashboard.restart()
        becomes(True, lambda: dashboard.refused()[0] == 200)
        if clock.startswith("2026-11-25"):
            fourth_customer(account)
        answer = dashboard.refresh()
        assert answer.status_code == 200, answer.text
        assert answer.json()["revenue_metrics"]["mrr"] == expected
        assert dashboard.health()[1]["status"] == "healthy"
        points = dashboard.get("history/towpilot", metrics="mrr", **{"from": "2026-09"})["points"]
        assert [point["mrr"] for point in points][-1] == expected
        assert [point["date"] for point in points] == sorted({point["date"] for point in points})
    assert "Traceback" not in dashboard.log


def test_two_dashboards_on_one_folder_show_the_same_and_one_may_die(
    run: Run, stripe: StripeServer, account: StripeAccount, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first = run(**of_stripe(stripe))
    settings = first.settings
    with Dashboard(tmp_path_factory.mktemp("second"), **settings) as second:
        becomes([300.0, 300.0], lambda: [told(one)[0] for one in (first, second)])
        fourth_customer(account)
        both = [threading.Thread(target=one.refresh) for one in (first, second)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        becomes([400.0, 400.0], lambda: [told(one)[0] for one in (first, second)])
        builds = [one.get("metrics/towpilot")["provenance"] for one in (first, second)]
        assert len({one["build"] for one in builds}) == 1
        first.kill()
        put(second, 99.5)
        assert second.refresh().json()["revenue_metrics"]["mrr"] == 400.0
        assert second.health()[1]["status"] == "healthy"
        first.start()
        assert told(first) == (400.0, "L2", False)
        assert [row["amount"] for row in first.get("spend")] == [99.5]
        for one in (first, second):
            assert "Traceback" not in one.log
            assert "damaged" not in one.log


def put(dashboard: Dashboard, amount: float) -> None:
    row: dict[str, Any] = {"month": "2026-10", "category": "Paid ads", "amount": amount, "currency": "USD"}
    dashboard.put("spend", [row])


def test_it_ends_when_asked_to_with_windows_open_and_a_refresh_under_way(
    run: Run, stripe: StripeServer, account: StripeAccount
) -> None:
    dashboard = run(**of_stripe(stripe))
    assert told(dashboard)[0] == 300.0
    fourth_customer(account)
    stripe.latency = 0.2
    with (
        session(dashboard.url) as window,
        httpx.stream("GET", f"{dashboard.url}/mcp", headers={"Accept": "text/event-stream"}, timeout=60),
    ):
        window.look()
        dashboard.ask("POST", "/api/v1/cache/refresh/all-products")
        begin = time.monotonic()
        code = dashboard.ended_by(signal.SIGTERM, 30)
    assert code in {0, -signal.SIGTERM}, f"after {time.monotonic() - begin:.0f} s"
    assert "Traceback" not in dashboard.log
    stripe.latency = 0.0
    dashboard.start()
    assert told(dashboard)[0] in {300.0, 400.0}
    assert dashboard.refresh().json()["revenue_metrics"]["mrr"] == 400.0
