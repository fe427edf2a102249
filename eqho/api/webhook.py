"""Stripe's webhook: an event that Stripe has signed is stored, then the sync is woken.

It stands outside the guard of the API: Stripe calls it from anywhere, and its signature says who it is.
"""

import logging
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from eqho.api.models import Received
from eqho.api.responses import as_json
from eqho.store.base import Store, StoreError
from eqho.sync.events import objects_of

log = logging.getLogger("eqho.webhook")

IN_THE_API = "/stripe/webhook"
PATH = f"/api/v1{IN_THE_API}"
LARGEST_BODY = 2**20
TOLERANCE = 300
"""Seconds after which a signature is too old: what was recorded on the way cannot be sent again later."""

_LIVEMODE = {"stripe-live": True, "stripe-test": False}
_MODES = {True: "live", False: "test"}


class Event(msgspec.Struct):
    """What must be there before an event is stored; it is stored as it came."""

    id: str
    type: str
    created: int
    livemode: bool
    data: "EventData"
    account: str | None = None


class EventData(msgspec.Struct):
    object: dict[str, Any]


_READ = msgspec.json.Decoder(float_hook=str)


class _Refusal(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Webhook:
    """`secret` is the endpoint's signing secret; `origin` whose data this dashboard shows (stripe-live,
    stripe-test or another source); `wake` is called after something new was stored."""

    def __init__(self, store: Store, wake: Callable[[], None], secret: str | None, origin: str) -> None:
        self._store, self._wake = store, wake
        self._secret, self._origin = secret, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """For a route of every method: what is no POST would go on to the API behind, which knows nothing of
        this path."""
        request = Request(scope, receive)
        if request.method == "POST":
            answer = await self._receive(request)
        else:
            detail = f"{request.method} is not possible at {PATH}; see /api/v1/docs."
            answer = JSONResponse({"detail": detail}, status_code=405, headers={"Allow": "POST"})
        await answer(scope, receive, send)

    async def _receive(self, request: Request) -> Response:
        """200 once the event is stored, or was before, or is of no use here; else one sentence with 400,
        404, 413 or 503. Stripe sends again what was not answered with 200."""
        try:
            secret = self._signing_secret()
            body = await _body(request)
            _check_signature(body, request.headers.get("stripe-signature", ""), secret)
            event = self._event(body)
            status = await run_in_threadpool(self._keep, event)
        except _Refusal as refusal:
            log.warning("webhook refused: %s", refusal)
            return JSONResponse({"detail": str(refusal)}, status_code=refusal.status)
        except StoreError as error:
            # Stripe sends it again for three days.
            return JSONResponse({"detail": str(error)}, status_code=503)
        return as_json(Received(status))

    def _signing_secret(self) -> str:
        if self._origin not in _LIVEMODE:
            raise _Refusal(
                404,
                "This dashboard does not read from Stripe: remove this endpoint or set STRIPE_SECRET_KEY.",
            )
        if self._secret is None:
            raise _Refusal(
                404, "No webhook is accepted yet: set STRIPE_WEBHOOK_SECRET to the endpoint's signing secret."
            )
        return self._secret

    def _event(self, body: bytes) -> dict[str, Any]:
        """The event as Stripe sent it."""
        try:
            event: dict[str, Any] = _READ.decode(body)
            read = msgspec.convert(event, Event)
        except msgspec.MsgspecError:
            raise _Refusal(
                400, "This is not a snapshot event: let Stripe send snapshot events, not thin ones."
            ) from None
        if read.account is not None:
            raise _Refusal(
                400, "This event is of a connected account: let the endpoint listen to your own account only."
            )
        expected = _LIVEMODE[self._origin]
        if read.livemode is not expected:
            raise _Refusal(
                400,
                f"This is an event of {_MODES[read.livemode]} mode, but STRIPE_SECRET_KEY is of "
                f"{_MODES[expected]} mode: take the endpoint and the key from one mode.",
            )
        return event

    def _keep(self, event: dict[str, Any]) -> Literal["stored", "known", "ignored"]:
        if not any(objects_of(event)):
            return "ignored"
        if not self._store.put_events([event]):
            return "known"
        # Where the key may not read events, this is what a refresh goes by.
        self._store.put_state("webhook", {"last": event["created"]})
        self._wake()
        return "stored"


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                raise _Refusal(413, f"An event has at most {LARGEST_BODY:,} bytes.")
    except ClientDisconnect:
        raise _Refusal(400, "The event broke off before its end.") from None
    return bytes(body)


def _check_signature(body: bytes, header: str, secret: str) -> None:
    # A heavy import: only for those whom Stripe calls.
    import stripe  # noqa: PLC0415

    # The half of `stripe.Webhook.construct_event` that checks; the other half builds objects that cannot be
    # stored as they came. The comparison inside raises TypeError for a header that is not ASCII.
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError) as error:
        if "tolerance" in str(error):
            sentence = f"The signature is older than {TOLERANCE} seconds: check this machine's clock."
        else:
            sentence = "The Stripe-Signature header does not fit the body: check STRIPE_WEBHOOK_SECRET."
        raise _Refusal(400, sentence) from None
