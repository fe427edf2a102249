"""Logging in through an OpenID Connect provider, in a real browser, and what is seen before it."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from eqho.ui.navigation import PLACES
from tests.browser.server import dashboard, free_port
from tests.services.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, identity_provider

PAGES = tuple(place.address for place in PLACES)


class Guarded(NamedTuple):
    address: str
    provider: IdentityProvider


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A dashboard that admits one address, and its provider."""
    folder = tmp_path_factory.mktemp("guarded")
    port = free_port()
    with identity_provider(free_port()) as provider:
        secrets = folder / "secrets.toml"
        secrets.write_text(
            f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "a secret of the test that is long enough"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"
"""
        )
        with dashboard(
            folder,
            port=port,
            options=("--secrets.files", str(secrets)),
            EQHO_ALLOWED_EMAILS="Founder@eqho.example",
            EQHO_API_TOKEN="a-token-of-the-test-for-the-api",
        ) as address:
            yield Guarded(address, provider)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def log_in(context: BrowserContext, guarded: Guarded, **claims: object) -> Page:
    guarded.provider.claims = claims
    page = context.new_page()
    page.goto(guarded.address)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{guarded.address}/")
    return page


def refused(page: Page, email: str) -> None:
    expect(page.get_by_text(f"{email} may not see these figures")).to_be_visible()
    expect(page.locator("[data-testid=stMetricValue]")).to_have_count(0)


def test_before_the_log_in_no_page_shows_or_sends_a_figure(context: BrowserContext, guarded: Guarded) -> None:
    received: list[str] = []
    page = context.new_page()
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: received.append(repr(frame))),
    )
    for name in PAGES:
        page.goto(f"{guarded.address}/{name}")
        expect(page.get_by_role("button", name="Log in")).to_be_visible()
        expect(page.locator("[data-testid=stMetricValue], [data-testid=stDataFrame]")).to_have_count(0)
    sent = "".join(received)
    assert "Log in to see the figures" in sent
    assert re.findall(r"Recovery|Towing|MRR|\$\d+,\d{3}|\$\d+\.\d\d", sent) == []


def test_before_the_log_in_the_api_asks_for_its_token(context: BrowserContext, guarded: Guarded) -> None:
    for path in ("api/v1/metrics/towpilot", "api/v1/customers/towpilot", "metrics", "api/v1/cache/stats"):
        answer = context.request.get(f"{guarded.address}/{path}")
        assert answer.status == 401
    assert "mrr" not in context.request.get(f"{guarded.address}/health").text()


def test_an_allowed_address_sees_the_figures_until_it_logs_out(
    context: BrowserContext, guarded: Guarded
) -> None:
    page = log_in(context, guarded, email="founder@Eqho.example", email_verified=True)
    expect(page.locator("[data-testid=stMetricValue]").first).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto(f"{guarded.address}/customers")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_an_address_that_is_not_listed_is_refused_and_may_try_another(
    context: BrowserContext, guarded: Guarded
) -> None:
    page = log_in(context, guarded, email="other@eqho.example", email_verified=True)
    refused(page, "other@eqho.example")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


@pytest.mark.parametrize(
    "email",
    ["fοunder@eqho.example", "founder@eqho.example.evil.example", "founder@eqho.example\u200b"],
    ids=["Greek letter", "longer", "zero-width space"],
)
def test_an_address_that_only_looks_alike_is_refused(
    context: BrowserContext, guarded: Guarded, email: str
) -> None:
    refused(log_in(context, guarded, email=email, email_verified=True), email)


def test_an_address_that_the_provider_has_not_verified_is_refused(
    context: BrowserContext, guarded: Guarded
) -> None:
    refused(
        log_in(context, guarded, email="founder@eqho.example", email_verified=False), "founder@eqho.example"
    )


def test_a_cookie_that_was_tampered_with_admits_nobody(context: BrowserContext, guarded: Guarded) -> None:
    page = log_in(context, guarded, email="other@eqho.example", email_verified=True)
    refused(page, "other@eqho.example")
    forged = [
        {**cookie, "value": cookie["value"][:-6] + "abcdef"}
        for cookie in context.cookies()
        if cookie["name"].startswith("_streamlit_user")
    ]
    assert forged, json.dumps([cookie["name"] for cookie in context.cookies()])
    context.add_cookies(forged)
    page.goto(guarded.address)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.locator("[data-testid=stMetricValue]")).to_have_count(0)
