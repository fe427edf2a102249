"""GET requests to Stripe: paced, retried, parsed once, and every failure told in one sentence."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import stripe

from eqho.sources.base import CursorError, KeyRefused, ObjectUnreadable, Raw, SourceDenied, SourceError
from eqho.sources.server_clock import ServerClock
from eqho.sources.stripe import answers
from eqho.sources.stripe.kinds import API_VERSION
from eqho.sources.stripe.page_sizes import PageSizes
from eqho.sources.stripe.rate_limit import TokenBucket
from eqho.sources.stripe.retries import AttemptError, RetryPolicy, retry_after

LIVE_RATE = 15.0
TEST_RATE = 8.0
# Connect, and silence while an answer is made or sent, which is what the SDK itself waits.
TIMEOUT = (3.0, 80.0)
HASTY_TRIES = 2

T = TypeVar("T")

_DECODER = msgspec.json.Decoder(float_hook=str)


class ReadOnlyTransport(stripe.RequestsClient):
    """The SDK's transport, unable to send anything but GET.

    The SDK parses whatever arrives: of an answer that is none of its errors it is handed an empty object, and
    `arrived` keeps the bytes for the one who asked.
    """

    def __init__(self, timeout: tuple[float, float] | float) -> None:
        super().__init__(timeout=timeout)
        self._here = threading.local()

    @property
    def arrived(self) -> bytes:
        """What this thread's last request was answered with, where that was no error."""
        body: bytes = self._here.body
        return body

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
        body, status, answered = super().request(method, url, headers, post_data)
        if not 200 <= status < 300:
            return body, status, answered
        self._here.body = body
        return b"{}", status, answered


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
            raise KeyRefused(
                "STRIPE_SECRET_KEY is a publishable key (pk_…): create a restricted, read-only key (rk_…)."
            )
        self.live = "_live_" in key
        self._key = key
        self._key_end = f"the key ending in {key[-4:]}" if len(key) > 12 else "the key"
        self.host = _host(api_base) if api_base else "api.stripe.com"
        self._transport = ReadOnlyTransport(timeout=timeout)
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base.rstrip("/")} if api_base else {},
            # The SDK does not retry 429 and knows no deadline: RetryPolicy does all of it.
            max_network_retries=0,
            http_client=self._transport,
        )
        self._retries = retries or RetryPolicy()
        self.bucket = TokenBucket(
            rate or (LIVE_RATE if self.live else TEST_RATE),
            clock=self._retries.clock,
            sleep=self._retries.sleep,
        )
        self._sizes = PageSizes()
        self._read_timeout = timeout[1]
        self.clock = ServerClock()
        self._count_lock = threading.Lock()
        self.requests = 0
        self.denials = 0
        self.account_named: str | None = None

    def get(self, path: str, permission: str, *, counts: bool = True, **params: Any) -> Raw | None:
        """The body of `/v1/<path>`, None when Stripe does not know the object. A denial that `counts` makes
        it worth to ask again what the key may read.

        Raises KeyRefused, SourceDenied when the key lacks `permission`, ObjectUnreadable when Stripe answers
        everything but this, SourceError when it does not answer at all.
        """
        denied_before = self.denials
        try:
            return self._run(path, lambda: self._try(path, permission, params))
        except SourceDenied:
            if not counts:
                self.denials = denied_before
            raise

    def get_list(
        self, path: str, permission: str, *, limit: int | None = None, hasty: bool = False, **params: Any
    ) -> tuple[list[Raw], bool]:
        """One page: its objects, and whether it is the last. How many it holds, without a `limit`, is what
        lately arrived of that list. `hasty`: what fails twice is given up.

        Raises CursorError when `starting_after` names an object that is gone, KeyRefused, SourceDenied when
        the key lacks `permission` or Stripe has no such list, ObjectUnreadable when Stripe answers everything
        but this, SourceError when it does not answer at all.
        """
        pages, failed_at = self._sizes.of(path), 0

        def attempt() -> tuple[list[Raw], bool]:
            nonlocal failed_at
            size = limit or pages.size
            try:
                found = self._page(path, permission, {**params, "limit": size})
            except AttemptError as failure:
                # A server in trouble may be well again at the second try, and a lock be free.
                passes = (failure.status >= 500 or failure.status == 429) and not failure.throttled
                if failure.unwieldy or (passes and failed_at == size):
                    failure.renewed = limit is None and pages.shrink(size)
                failed_at = size
                raise
            except ObjectUnreadable as refused:
                if limit is None and pages.shrink(size):
                    raise AttemptError(str(refused), renewed=True) from None
                raise
            if limit is None:
                pages.arrived(size)
            return found

        return self._run(f"the list of {path}", attempt, hasty=hasty)

    def _page(self, path: str, permission: str, params: Mapping[str, Any]) -> tuple[list[Raw], bool]:
        body = self._try(path, permission, params, listed=True)
        if body is None:
            raise SourceDenied(f"Stripe ({self.host}) has no list of {path}: it answers 404.")
        data, more = body.get("data"), body.get("has_more", False)
        if not isinstance(data, list) or not isinstance(more, bool) or not all(map(_is_object, data)):
            raise AttemptError(
                f"sent a page of {path} that is not a list of objects; try again later.", unwieldy=True
            )
        if (more and not data) or params.get("starting_after") in {found["id"] for found in data}:
            raise AttemptError(f"repeats a page of {path} instead of going on; try again later.")
        return data, not more

    def _run(self, asked: str, attempt: Callable[[], T], *, hasty: bool = False) -> T:
        try:
            return (self._retries._replace(tries=HASTY_TRIES) if hasty else self._retries).run(attempt)
        except AttemptError as failure:
            if not failure.answered:
                raise SourceError(f"Stripe ({self.host}) {failure}") from None
            told = f"Stripe ({self.host}), asked for {asked}, {failure}"
            # Too many requests concern them all.
            raise SourceError(told) if failure.throttled else ObjectUnreadable(told) from None

    def _try(
        self, path: str, permission: str, params: Mapping[str, Any], *, listed: bool = False
    ) -> Raw | None:
        self.bucket.take()
        with self._count_lock:
            self.requests += 1
        try:
            answer = self._client.raw_request("get", f"/v1/{path}", **params)
            self.clock.hear(answer.headers)
        except stripe.APIConnectionError as error:
            raise answers.no_answer(error, self.host, self._read_timeout) from None
        except stripe.StripeError as error:
            asked = f"the list of {path}" if listed else path
            failure = self._failure(error, permission, asked, params)
            if failure is None:
                return None
            raise failure from None
        try:
            body = _DECODER.decode(self._transport.arrived)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise answers.not_json() from None
        if not isinstance(body, dict):
            raise AttemptError("sent an answer that is not a JSON object; try again later.")
        return body

    def _failure(
        self, error: stripe.StripeError, permission: str, asked: str, params: Mapping[str, Any]
    ) -> Exception | None:
        """None where the object does not exist."""
        status = error.http_status or 0
        if status in {401, 403}:
            self.denials += 1
        if status == 401:
            return KeyRefused(
                f"Stripe refuses {self._key_end}: set STRIPE_SECRET_KEY to a valid restricted key (rk_…) of "
                "your account."
            )
        locked = answers.code_of(error) == "lock_timeout"
        if status == 429 and not locked:
            self.bucket.halve()
        headers = answers.headers_of(error)
        if self._may_retry(status, headers):
            if status < 400:
                return answers.not_json()
            return AttemptError(
                answers.complaint(status, locked=locked),
                wait=retry_after(headers.get("retry-after")),
                throttled=status == 429 and not locked,
                status=status,
            )
        if not answers.is_stripes(error):
            return ObjectUnreadable(
                f"Stripe ({self.host}), asked for {asked}, answers with status {status} and nothing that "
                "Stripe would send: check STRIPE_API_BASE, if it is set, and any proxy in between."
            )
        if status == 404:
            return None
        reason = answers.reason(error, self._key, self._key_end)
        if status == 403:
            self.account_named = answers.account_named(error.user_message or "") or self.account_named
            named = answers.permissions_named(error)
            return SourceDenied(answers.denied(self._key_end, permission, named, reason))
        if status == 400 and getattr(error, "param", None) == "starting_after" and "starting_after" in params:
            return CursorError("The object to go on behind no longer exists.")
        return ObjectUnreadable(
            f"Stripe ({self.host}), asked for {asked}, refuses with status {status}: {reason}"
        )

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


def _is_object(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("id"), str)
