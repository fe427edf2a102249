"""Stripe's webhook: what Stripe has signed is stored before it is answered, and read again from Stripe."""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe
from httpx import Response
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from eqho.api.app import create_api
from eqho.api.webhook import LARGEST_BODY, PATH, Webhook
from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.services.plain_account import NOW, change, customer, subscription
from tests.tiers.rig import LINES, SmallSource, mrr, settle

SECRET = "whsec_of_the_endpoint"
UNSIGNED = "The Stripe-Signature header does not fit the body: check STRIPE_WEBHOOK_SECRET."
TOO_OLD = "The signature is older than 300 seconds: check this machine's clock."
NO_EVENT = "This is not a snapshot event: let Stripe send snapshot events, not thin ones."
Post = Callable[..., Response]


def event(number: int = 1, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": f"evt_{number:06}", "object": "event", "api_version": "2026-10-28.endive", "created": NOW,
        "type": "customer.subscription.updated", "livemode": False, "pending_webhooks": 1,
        "data": {"object": body or subscription(number, NOW - 60)}, **more,
    }  # fmt: skip


def signed(body: str, age: int = 0, secret: str = SECRET) -> dict[str, str]:
    """As Stripe signs."""
    at = int(time.time()) - age
    return {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(body, secret, at)}


@pytest.fixture
def woken() -> list[None]:
    return []


@pytest.fixture
def post(tiers: Tiers, store: EmbeddedStore, woken: list[None]) -> Post:
    """Send an event as Stripe does: from far away, with no token, to a dashboard that asks for one."""

    def send(
        sent: dict[str, Any] | str,
        headers: dict[str, str] | None = None,
        *,
        secret: str | None = SECRET,
        origin: str = "stripe-test",
        wake: Callable[[], None] = lambda: woken.append(None),
    ) -> Response:
        webhook = Webhook(store, wake, secret, origin)
        routes = [
            Route(PATH, webhook),
            Mount("/api/v1", app=create_api(tiers, LINES, "a token")),
        ]
        body = sent if isinstance(sent, str) else json.dumps(sent)
        with TestClient(
            Starlette(routes=routes),
            base_url="https://metrics.example.com",
            client=("203.0.113.9", 50_000),
            raise_server_exceptions=False,
        ) as stripes:
            return stripes.post(
                PATH, content=body.encode(), headers=signed(body) if headers is None else headers
            )

    return send


def told(answer: Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


def test_a_signed_event_is_stored_as_it_came_and_wakes_the_sync(
    post: Post, store: EmbeddedStore, woken: list[None]
) -> None:
    assert told(post(event(7))) == (200, {"status": "stored"})
    assert list(store.events()) == [event(7)]
    assert len(woken) == 1


def test_the_signature_is_hmac_sha256_of_instant_and_body(post: Post) -> None:
    body = json.dumps(event())
    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    rolled = f"t={at},v1={'0' * 64},v1={digest}"
    assert post(body, {"Stripe-Signature": rolled}).status_code == 200


def test_an_event_sent_again_is_ignored(post: Post, store: EmbeddedStore, woken: list[None]) -> None:
    post(event(7))
    assert told(post(event(7))) == (200, {"status": "known"})
    assert (len(list(store.events())), len(woken)) == (1, 1)


def test_an_event_of_what_is_not_read_is_ignored(post: Post, store: EmbeddedStore, woken: list[None]) -> None:
    intent = event(1, {"id": "pi_1", "object": "payment_intent"}, type="payment_intent.succeeded")
    assert told(post(intent)) == (200, {"status": "ignored"})
    assert (list(store.events()), woken) == ([], [])


@pytest.mark.parametrize(
    "forged",
    [
        lambda body: (body.replace("active", "paused"), signed(body)),
        lambda body: (body + " ", signed(body)),
        lambda body: (body, signed(body, secret="whsec_of_another")),
        lambda body: (body, {"Stripe-Signature": signed(body)["Stripe-Signature"].replace("v1=", "v0=")}),
        lambda body: (body, {"Stripe-Signature": f"t={int(time.time())},v1="}),
        lambda body: (body, {"Stripe-Signature": f"t={int(time.time())},v1=ü".encode("latin-1")}),
        lambda body: (body, {"Stripe-Signature": "t=soon,v1=0"}),
        lambda body: (body, {"Stripe-Signature": ""}),
        lambda body: (body, {}),
    ],
    ids=[
        "tampered",
        "padded",
        "other secret",
        "old scheme",
        "empty",
        "not ascii",
        "no instant",
        "blank",
        "none",
    ],
)
def test_what_stripe_has_not_signed_is_refused(
    post: Post, store: EmbeddedStore, woken: list[None], forged: Callable[[str], tuple[str, dict[str, str]]]
) -> None:
    assert told(post(*forged(json.dumps(event())))) == (400, {"detail": UNSIGNED})
    assert (list(store.events()), woken) == ([], [])


def test_an_old_signature_is_refused(post: Post, store: EmbeddedStore) -> None:
    body = json.dumps(event())
    assert told(post(body, signed(body, age=302))) == (400, {"detail": TOO_OLD})
    assert list(store.events()) == []
    assert post(body, signed(body, age=290)).status_code == 200


def test_an_event_of_the_other_mode_is_refused(post: Post, store: EmbeddedStore) -> None:
    sentence = (
        "This is an event of {} mode, but STRIPE_SECRET_KEY is of {} mode: take the endpoint and the key "
        "from one mode."
    )
    live = post(event(livemode=True))
    test = post(event(livemode=False), origin="stripe-live")
    assert told(live) == (400, {"detail": sentence.format("live", "test")})
    assert told(test) == (400, {"detail": sentence.format("test", "live")})
    assert list(store.events()) == []
    assert post(event(livemode=True), origin="stripe-live").status_code == 200


def test_an_event_of_a_connected_account_is_refused(post: Post, store: EmbeddedStore) -> None:
    assert told(post(event(account="acct_1"))) == (
        400,
        {"detail": "This event is of a connected account: let the endpoint listen to your own account only."},
    )
    assert list(store.events()) == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "not json",
        '{"object": "v2.core.event", "id": "evt_1", "type": "v1.customer.updated"}',
        json.dumps(event(created="today")),
        json.dumps(event() | {"data": {"object": []}}),
    ],
)
def test_what_is_signed_but_no_event_is_refused(post: Post, store: EmbeddedStore, body: str) -> None:
    assert told(post(body)) == (400, {"detail": NO_EVENT})
    assert list(store.events()) == []


def test_a_body_larger_than_any_event_is_not_read_to_its_end(post: Post) -> None:
    assert told(post(" " * (LARGEST_BODY + 1))) == (
        413,
        {"detail": "An event has at most 1,048,576 bytes."},
    )


def test_without_the_signing_secret_nothing_is_accepted(post: Post, store: EmbeddedStore) -> None:
    assert told(post(event(), secret=None)) == (
        404,
        {"detail": "No webhook is accepted yet: set STRIPE_WEBHOOK_SECRET to the endpoint's signing secret."},
    )
    assert list(store.events()) == []


def test_demo_data_takes_no_events(post: Post, store: EmbeddedStore) -> None:
    assert told(post(event(), origin="demo")) == (
        404,
        {
            "detail": "This dashboard does not read from Stripe: remove this endpoint or set "
            "STRIPE_SECRET_KEY."
        },
    )
    assert list(store.events()) == []


def test_an_event_that_cannot_be_stored_is_not_acknowledged(
    post: Post, store: EmbeddedStore, woken: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(events: object) -> int:
        raise StoreUnavailable("MongoDB does not answer: start it.")

    monkeypatch.setattr(store, "put_events", away)
    assert told(post(event())) == (503, {"detail": "MongoDB does not answer: start it."})
    assert woken == []


def test_nothing_else_is_let_past_the_guard(post: Post, tiers: Tiers, store: EmbeddedStore) -> None:
    webhook = Webhook(store, lambda: None, SECRET, "stripe-test")
    routes = [
        Route(PATH, webhook),
        Mount("/api/v1", app=create_api(tiers, LINES, "a token")),
    ]
    caller = TestClient(Starlette(routes=routes), client=("203.0.113.9", 50_000))
    body = json.dumps(event())
    for path in (f"{PATH}/", f"{PATH}/x", "/api/v1/stripe", "/api/v1/cache/clear"):
        assert caller.post(path, content=body, headers=signed(body)).status_code == 401
    other = caller.get(PATH, headers=signed(body))
    assert (other.status_code, other.headers["Allow"]) == (405, "POST")
    assert other.json() == {"detail": f"GET is not possible at {PATH}; see /api/v1/docs."}


def test_a_burst_of_a_thousand_events_is_stored_and_read_together(
    store: EmbeddedStore, tiers: Tiers, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In no order, and the first hundred twice; a thousand new customers pay $100 each."""
    monkeypatch.setattr("eqho.tiers.schedule.POLL_SECONDS", 0.1)
    monkeypatch.setattr("eqho.tiers.schedule.WOKEN_EVERY", 0.0)
    before = mrr(tiers, "all-products")
    for number in range(1_001, 2_001):
        source.account.put("customer", customer(number, NOW - 60))
        change(
            source.account, "subscription", subscription(number, NOW - 60), "customer.subscription.created"
        )
    sent = list(source.account.every("event"))
    webhook = Webhook(store, tiers.wake, SECRET, "stripe-test")
    stripes = TestClient(Starlette(routes=[Route(PATH, webhook)]))

    def deliver(one: dict[str, Any]) -> str:
        body = json.dumps(one)
        return str(stripes.post(PATH, content=body, headers=signed(body)).json()["status"])

    background = threading.Thread(target=tiers.run_background, args=(900,))
    background.start()
    source.gate.clear()
    try:
        with stripes, ThreadPoolExecutor(8) as pool:
            answers = Counter(pool.map(deliver, [*sent[500:], *sent[:500], *sent[:100]]))
        assert answers == {"stored": 1_000, "known": 100}
        assert {found["id"] for found in store.events(families=("customer.",))} == {one["id"] for one in sent}
        source.gate.set()
        settle(lambda: mrr(tiers, "all-products") == before + 100_000.0)
    finally:
        tiers.stop()
        background.join(20)
    # The first one, the one that the burst began, and the one that came after it.
    assert tiers.statistics()["l3"]["refreshes"] <= 3
