"""GET requests to Stripe: paced, retried, parsed once, and every failure told in one sentence."""

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import stripe

from eqho.sources.base import Raw, SourceDenied, SourceError
from eqho.sources.stripe.rate_limit import TokenBucket
from eqho.sources.stripe.retries import AttemptError, RetryPolicy, retry_after
from eqho.sources.windowed import CursorError

API_VERSION = "2026-10-28.endive"
LIVE_RATE = 15.0
TEST_RATE = 8.0
TIMEOUT = (3.0, 8.0)  # connect, read

_DECODER = msgspec.json.Decoder(float_hook=str)


class KeyRefusedError(SourceDenied):
    """Not one kind of object is denied, but the key itself."""


class ReadOnlyTransport(stripe.RequestsClient):
    """The SDK's transport, unable to send anything but GET."""

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> Any:
        if method.lower() != "get":
            raise PermissionError(f"Eqho only reads from Stripe: {method.upper()} is not allowed.")
        return super().request(method, url, headers, post_data)


class StripeReader:
    """Answers are plain dicts; numbers with a fraction stay strings, as BSON and Decimal want them."""

    def __init__(
        self,
        key: str,
        api_base: str | None = None,
        *,
        rate: float | None = None,
        retries: RetryPolicy | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        if key.startswith("pk_"):
            raise KeyRefusedError(
                "STRIPE_SECRET_KEY is a publishable key (pk_…): create a restricted, read-only key (rk_…)."
            )
        self.live = "_live_" in key
        self._key_end = f"the key ending in {key[-4:]}" if len(key) > 12 else "the key"
        self.host = _host(api_base) if api_base else "api.stripe.com"
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base.rstrip("/")} if api_base else {},
            # The SDK does not retry 429 and knows no deadline: RetryPolicy does all of it.
            max_network_retries=0,
            http_client=ReadOnlyTransport(timeout=timeout),
        )
        self._retries = retries or RetryPolicy()
        self.bucket = TokenBucket(
            rate or (LIVE_RATE if self.live else TEST_RATE),
            clock=self._retries.clock,
            sleep=self._retries.sleep,
        )
        self._count_lock = threading.Lock()
        self.requests = 0
        self.denials = 0

    def get(self, path: str, permission: str, **params: Any) -> Raw | None:
        """The body of `/v1/<path>`, None when Stripe does not know the object.

        Raises CursorError when `starting_after` names an object that is gone, SourceDenied when the key is
        refused or lacks `permission`, SourceError when no answer could be had.
        """
        try:
            return self._retries.run(lambda: self._try(path, permission, params))
        except AttemptError as failure:
            raise SourceError(f"Stripe ({self.host}) {failure}") from None

    def get_list(self, path: str, permission: str, **params: Any) -> tuple[list[Raw], bool]:
        """One page: its objects, and whether it is the last."""

        def attempt() -> tuple[list[Raw], bool]:
            body = self._try(path, permission, params)
            if body is None:
                raise SourceDenied(f"Stripe ({self.host}) has no list of {path}: it answers 404.")
            data, more = body.get("data"), body.get("has_more", False)
            if not isinstance(data, list) or not isinstance(more, bool) or not all(map(_is_object, data)):
                raise AttemptError(f"sent a page of {path} that is not a list of objects; try again later.")
            if (more and not data) or params.get("starting_after") in {found["id"] for found in data}:
                raise AttemptError(f"repeats a page of {path} instead of going on; try again later.")
            return data, not more

        try:
            return self._retries.run(attempt)
        except AttemptError as failure:
            raise SourceError(f"Stripe ({self.host}) {failure}") from None

    def _try(self, path: str, permission: str, params: Mapping[str, Any]) -> Raw | None:
        self.bucket.take()
        with self._count_lock:
            self.requests += 1
        try:
            answer = self._client.raw_request("get", f"/v1/{path}", **params)
        except stripe.APIConnectionError as error:
            raise self._unreachable(error) from None
        except stripe.StripeError as error:
            failure = self._failure(error, permission, params)
            if failure is None:
                return None
            raise failure from None
        try:
            body = _DECODER.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise AttemptError("sent an answer that is not JSON; try again later.") from None
        if not isinstance(body, dict):
            raise AttemptError("sent an answer that is not a JSON object; try again later.")
        return body

    def _unreachable(self, error: stripe.APIConnectionError) -> Exception:
        if not error.should_retry and "SSL" in str(error):
            return SourceError(
                f"The certificate of {self.host} could not be verified: check the machine's clock, its CA "
                "certificates and any proxy in between."
            )
        return AttemptError("does not answer: check the network, a proxy, and STRIPE_API_BASE if it is set.")

    def _failure(
        self, error: stripe.StripeError, permission: str, params: Mapping[str, Any]
    ) -> Exception | None:
        """None where the object does not exist."""
        status = error.http_status or 0
        headers = _headers(error)
        if status == 404:
            return None
        if status in {401, 403}:
            self.denials += 1
        if status == 401:
            return KeyRefusedError(
                f"Stripe refuses {self._key_end}: set STRIPE_SECRET_KEY to a valid restricted key (rk_…) of "
                "your account."
            )
        if status == 403:
            return SourceDenied(
                f"Stripe does not let {self._key_end} read {permission}: give it the permission "
                f"“{permission}: Read” in Stripe's dashboard under Developers → API keys."
            )
        if status == 429:
            self.bucket.halve()
        if self._may_retry(status, headers):
            return AttemptError(
                _complaint(status),
                wait=retry_after(headers.get("retry-after")),
                throttled=status == 429,
            )
        if status == 400 and getattr(error, "param", None) == "starting_after" and "starting_after" in params:
            return CursorError("The object to go on behind no longer exists.")
        return SourceError(f"Stripe ({self.host}) refuses a request with status {status}: {_reason(error)}")

    @staticmethod
    def _may_retry(status: int, headers: Mapping[str, str]) -> bool:
        advice = headers.get("stripe-should-retry")
        if advice in {"true", "false"}:
            return advice == "true"
        # Below 400 only an unreadable body comes here.
        return status < 400 or status in {409, 429} or status >= 500


def _host(api_base: str) -> str:
    """Without a user name or password that the URL might hold."""
    return urlsplit(api_base).netloc.rpartition("@")[2]


def _complaint(status: int) -> str:
    if status == 429:
        return "limits the requests of this account; try again later."
    if status >= 400:
        return f"answers with status {status}; try again later."
    return "sent an answer that is not JSON; try again later."


def _is_object(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("id"), str)


def _headers(error: stripe.StripeError) -> dict[str, str]:
    # The SDK passes the headers of a body that is not JSON in the place of the parsed body.
    found: Any = error.headers or error.json_body
    if not isinstance(found, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in found.items()}


def _reason(error: stripe.StripeError) -> str:
    text = " ".join((error.user_message or "no reason given").split())
    return text[:200].rstrip(".") + "."
