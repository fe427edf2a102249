"""A Stripe-like HTTP server on 127.0.0.1 over a `StripeAccount`, with permissions, limits and faults.

By hand: `python -m tests.services.stripe_server --port 12111 --demo`, then
`STRIPE_API_BASE=http://127.0.0.1:12111 STRIPE_SECRET_KEY=rk_test_eqho_demo_key`.
"""

import argparse
import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from eqho.sources.demo.company import demo_account
from eqho.stripe_simulator.account import FILTERS, PATHS, AccountError, StripeAccount
from tests.services.stripe_faults import Fault, Faults, Refusal

KEY = "rk_test_eqho_demo_key"
Body = dict[str, Any]
KIND_OF_PATH = {path: kind for kind, path in PATHS.items()}
TIMEOUT_FAULT_SECONDS = 3.0
# What Stripe calls a permission where that is not the name of the object.
PERMISSIONS = {
    "invoiceitem": "invoice_item",
    "price": "plan",
    "refund": "charge",
    "subscription_schedule": "subscription",
}


class Request(NamedTuple):
    path: str
    query: dict[str, Any]
    status: int
    at: float
    headers: dict[str, str]

    @property
    def is_list(self) -> bool:
        return self.path in KIND_OF_PATH


class Limit:
    """At most `rate` requests in any second; the others are refused with 429."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._tokens = rate
        self._at = clock()
        self._lock = threading.Lock()

    def admits(self) -> bool:
        with self._lock:
            now = self._clock()
            self._tokens = min(self.rate, self._tokens + (now - self._at) * self.rate)
            self._at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class StripeServer:
    """`account` may be changed between requests under `lock`; `before` is called with each path."""

    def __init__(self, account: StripeAccount, key: str = KEY, port: int = 0) -> None:
        self.account = account
        self.key = key
        self.account_id = "acct_eqho"
        self.names_account = True  # whether the key may read whose it is
        self.livemode = "_live_" in key
        self.lock = threading.RLock()
        self.denied: set[str] = set()
        self.faults = Faults()
        self.down = False
        self.latency = 0.0
        self.now: int | None = None
        self.limit: Limit | None = None
        self.extra_headers: dict[str, str] = {}
        self.shaped: Callable[[Body], Body] = lambda body: body  # into that of another API version
        self.before: Callable[[str], None] = lambda path: None
        self.requests: list[Request] = []
        self.running = 0
        self.busiest = 0  # most requests at the same time
        self.last_page: dict[str, bytes] = {}
        self.unlisted: dict[str, dict[str, Any]] = {}  # by id, what only its id brings
        handler = type("Handler", (_Handler,), {"stripe": self})
        self._http = _HTTPServer(("127.0.0.1", port), handler)
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def clear_log(self) -> None:
        self.requests.clear()

    def counts(self) -> Counter[str]:
        """Requests by kind of path: `/v1/invoices` for lists, `/v1/invoices/*` for the rest."""
        return Counter(
            request.path if request.is_list else f"{request.path.rsplit('/', 1)[0]}/*"
            for request in self.requests
        )

    def pages_needed(self, page_size: int = 100, kinds: Collection[str] = ()) -> int:
        """The fewest list requests that read the whole account, or these `kinds` of it."""
        counts = [self.account.count(kind) for kind in kinds or PATHS if kind != "event"]
        return sum(max(1, -(-count // page_size)) for count in counts)


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    stripe: StripeServer
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one segment

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header: the account's clock, or the server's own where that is set."""
        server = self.stripe
        now = server.now if server.now is not None else server.account.now
        return super().date_time_string(now if timestamp is None else timestamp)

    def do_GET(self) -> None:
        server = self.stripe
        with server.lock:
            server.running += 1
            server.busiest = max(server.busiest, server.running)
        try:
            self._respond(server)
        finally:
            with server.lock:
                server.running -= 1

    def _respond(self, server: StripeServer) -> None:
        url = urlsplit(self.path)
        path, query = url.path, _query(url.query)
        server.before(path)
        if server.latency:
            time.sleep(server.latency)
        fault = "reset" if server.down else server.faults.next(path, int(query.get("limit", 1)))
        status, body, headers = self._answer(path, query, fault)
        server.requests.append(Request(path, query, status, time.monotonic(), dict(self.headers)))
        if fault == "reset":
            self._reset()
            return
        if fault in {"timeout", "silent"}:
            time.sleep(TIMEOUT_FAULT_SECONDS)
            self._reset()
            return
        self.send_response(status)
        for name, value in {**headers, **server.extra_headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "truncated" else body)
        if fault == "truncated":
            self.wfile.flush()
            self.close_connection = True

    def do_POST(self) -> None:
        self.stripe.requests.append(Request(self.path, {}, 405, time.monotonic(), dict(self.headers)))
        self.send_error(405)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are logged in `requests`."""

    def _reset(self) -> None:
        # Closing with a linger of zero sends RST.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _answer(
        self, path: str, query: dict[str, Any], fault: Fault | Refusal | None
    ) -> tuple[int, bytes, dict[str, str]]:
        server = self.stripe
        if fault in _BROKEN:
            return _BROKEN[fault]
        if server.limit and not server.limit.admits():
            return _BROKEN["429"]
        if self.headers["Authorization"] != f"Bearer {server.key}":
            return _error(401, "Invalid API Key provided: rk_test_****", "invalid_request_error")
        with server.lock:
            try:
                status, found = 200, server.shaped(self._find(path, dict(query)))
            except AccountError as error:
                return _error(error.status, str(error), "invalid_request_error", error.param)
            except PermissionError as error:
                return _error(403, str(error), "invalid_request_error")
        if fate := server.faults.of_answer(found):
            return _BROKEN[fate]
        body = json.dumps(found, separators=(",", ":")).encode()
        if server.livemode:
            body = body.replace(b'"livemode":false', b'"livemode":true')
        if fault == "repeat" and query.get("starting_after"):
            body = server.last_page.get(f"{path}{query.get('created')}", body)
        if fault == "not json":
            body = b"<html>hello</html>"
        if path in KIND_OF_PATH and fault is None:
            server.last_page[f"{path}{query.get('created')}"] = body
        return status, body, {"Content-Type": "application/json", "Request-Id": "req_test"}

    def _find(self, path: str, query: dict[str, Any]) -> dict[str, Any]:
        account = self.stripe.account
        expand = query.pop("expand", [])
        paging = {name: query.pop(name) for name in ("starting_after", "ending_before") if name in query}
        limit = int(query.pop("limit", 10))
        if path == "/v1/account":
            return self._whose()
        if path == "/v1/subscription_items":
            self._allow("subscription")
            found = account.nested("subscription", query["subscription"], "items", limit=limit, **paging)
            return account.expanded(found, expand)
        if kind := KIND_OF_PATH.get(path):
            self._allow(kind)
            self._refuse_gone(kind, paging)
            created = {bound: int(at) for bound, at in query.pop("created", {}).items()}
            filters = {name: _typed(value) for name, value in query.items() if name in FILTERS.get(kind, ())}
            if unknown := query.keys() - filters.keys():
                raise AccountError(400, min(unknown), f"Received unknown parameter: {min(unknown)}")
            return account.list(kind, limit=limit, created=created, expand=expand, **paging, **filters)
        base, _, rest = path.removeprefix("/v1/").partition("/")
        object_id, _, field = rest.partition("/")
        kind = KIND_OF_PATH.get(f"/v1/{base}", "")
        if not kind or not object_id:
            raise AccountError(404, None, f"Unrecognized request URL (GET: {path}).")
        self._allow(kind)
        if field:
            return account.nested(kind, object_id, field, limit=limit, **paging)
        found = self.stripe.unlisted.get(object_id) or account.retrieve(kind, unquote(object_id), expand)
        if found is None:
            raise AccountError(404, "id", f"No such {kind}: '{object_id}'")
        return found

    def _whose(self) -> dict[str, Any]:
        if not self.stripe.names_account:
            self._allow("account")
        return {"id": self.stripe.account_id, "object": "account"}

    def _allow(self, kind: str) -> None:
        if kind in self.stripe.denied or kind == "account":
            raise PermissionError(
                "The provided key 'rk_test_****' does not have the required permissions for this endpoint on "
                f"account '{self.stripe.account_id}'. Having the 'rak_{PERMISSIONS.get(kind, kind)}_read' "
                "permission would allow this request."
            )

    def _refuse_gone(self, kind: str, paging: dict[str, str]) -> None:
        """Stripe does not page behind an object that was deleted."""
        for param, object_id in paging.items():
            if self.stripe.account.stored(kind, object_id) is None:
                raise AccountError(400, param, f"No such {kind}: '{object_id}'")


def _error(
    status: int, message: str, kind: str, param: str | None = None, code: str | None = None
) -> tuple[int, bytes, dict[str, str]]:
    named = {name: text for name, text in (("param", param), ("code", code)) if text}
    body = {"error": {"message": message, "type": kind, **named}}
    return status, json.dumps(body).encode(), {"Content-Type": "application/json"}


_BROKEN: dict[Fault | Refusal | None, tuple[int, bytes, dict[str, str]]] = {
    "429": _error(429, "Too many requests", "rate_limit_error"),
    "429 retry-after": (*_error(429, "Too many requests", "rate_limit_error")[:2], {"Retry-After": "1"}),
    "409": _error(409, "Another request holds the lock", "idempotency_error"),
    "500": _error(500, "An unknown error occurred", "api_error"),
    "503": (503, b"", {}),
    "400": _error(400, "This object is not supported by your API version.", "invalid_request_error"),
    "401": _error(401, "Invalid API Key provided: rk_test_****", "invalid_request_error"),
    "403": _error(403, "This account may not be read from this address.", "invalid_request_error"),
    "403 html": (403, b"<html>Blocked</html>", {"Content-Type": "text/html"}),
    "404 html": (404, b"<html>Not here</html>", {"Content-Type": "text/html"}),
    "lock_timeout": _error(429, "The object is locked.", "invalid_request_error", code="lock_timeout"),
    "502 html": (502, b"<html><h1>Bad Gateway</h1></html>", {"Content-Type": "text/html"}),
}


def _query(text: str) -> dict[str, Any]:
    """`a[b]=1` becomes {"a": {"b": "1"}}, `a[]=1` and `a[0]=1` become {"a": ["1"]}."""
    query: dict[str, Any] = {}
    for name, value in parse_qsl(text):
        field, bracket, inner = name.partition("[")
        inner = inner.rstrip("]")
        if not bracket:
            query[field] = value
        elif not inner or inner.isdigit():
            query.setdefault(field, []).append(value)
        else:
            query.setdefault(field, {})[inner] = value
    return query


def _typed(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


@contextlib.contextmanager
def stripe_server(account: StripeAccount, key: str = KEY, port: int = 0) -> Iterator[StripeServer]:
    server = StripeServer(account, key, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument(
        "--demo", action="store_true", help="serve the demo company instead of an empty account"
    )
    arguments = parser.parse_args()
    account = StripeAccount(now=int(time.time()))
    if arguments.demo:
        account = demo_account(int(time.time()))
    with stripe_server(account, port=arguments.port) as server:
        print(f"STRIPE_API_BASE={server.url} STRIPE_SECRET_KEY={server.key}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
