"""What an answer that is none says: of the size of what was asked, of a permission, of a proxy in between."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import requests
import stripe
import urllib3

from eqho.names import on_one_line
from eqho.sources.base import SourceError
from eqho.sources.stripe.retries import AttemptError

_PERMISSION = re.compile(r"\brak_[a-z0-9_]+")
_ACCOUNT = re.compile(r"\bacct_[A-Za-z0-9]+")
_LONGEST_REASON = 300


def no_answer(error: stripe.APIConnectionError, host: str, patience: float) -> Exception:
    """`patience`: the seconds of silence after which an answer was given up."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, requests.exceptions.SSLError):
        return SourceError(
            f"The certificate of {host} could not be verified: check the machine's clock, its CA "
            "certificates and any proxy in between."
        )
    if _is_slow(cause):
        return AttemptError(
            f"is too slow: it was silent for {patience:g} s before all of the answer was there; try again "
            "later.",
            unwieldy=True,
        )
    if isinstance(cause, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return AttemptError(
            "cuts its answer short: check the network and any proxy in between, and try again later.",
            unwieldy=True,
        )
    return AttemptError(
        "does not answer: check the network, a proxy, and STRIPE_API_BASE if it is set.", answered=False
    )


def _is_slow(cause: BaseException | None) -> bool:
    if isinstance(cause, requests.exceptions.ReadTimeout):
        return True
    # What `requests` makes of silence after the first bytes.
    inner = cause.args[0] if isinstance(cause, requests.exceptions.ConnectionError) and cause.args else None
    return isinstance(inner, urllib3.exceptions.ReadTimeoutError)


def not_json() -> AttemptError:
    return AttemptError("sent an answer that is not JSON; try again later.", unwieldy=True)


def complaint(status: int, *, locked: bool) -> str:
    if locked:
        return "answers with status 429 (lock_timeout): another request holds it; try again later."
    if status == 429:
        return "limits the requests of this account; try again later."
    return f"answers with status {status}; try again later."


def is_stripes(error: stripe.StripeError) -> bool:
    """Whether Stripe itself said it, and not a proxy or another server in its place."""
    body: Any = error.json_body
    return isinstance(body, Mapping) and isinstance(body.get("error"), Mapping)


def code_of(error: stripe.StripeError) -> str | None:
    body: Any = error.json_body
    return body["error"].get("code") if is_stripes(error) else None


def permissions_named(error: stripe.StripeError) -> list[str]:
    """The permissions that Stripe says would do, e.g. `rak_invoice_item_read`."""
    return list(dict.fromkeys(_PERMISSION.findall(error.user_message or "")))


def account_named(sentence: str) -> str | None:
    """The account that Stripe's own sentence is about."""
    found = _ACCOUNT.search(sentence)
    return found[0] if found else None


def denied(key_end: str, permission: str, named: Sequence[str], reason: str) -> str:
    if named:
        return (
            f"Stripe does not let {key_end} read {permission}: give it the permission {' or '.join(named)}, "
            f"as Stripe calls it (“{permission}: Read” in Stripe's dashboard under Developers → API keys)."
        )
    return (
        f"Stripe does not let {key_end} read {permission} and says: “{reason}” Unless that says otherwise, "
        f"give it the permission “{permission}: Read” in Stripe's dashboard under Developers → API keys."
    )


def headers_of(error: stripe.StripeError) -> dict[str, str]:
    # The SDK passes the headers of a body that is not JSON in the place of the parsed body.
    found: Any = error.headers or error.json_body
    if not isinstance(found, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in found.items()}


def reason(error: stripe.StripeError, key: str, key_end: str) -> str:
    """Stripe's own sentence, without the key it was asked with."""
    text = on_one_line(error.user_message or "no reason given").replace(key, key_end)
    return text[:_LONGEST_REASON].rstrip(".") + "."
