"""What every answer of the server carries, and under which host names it answers at all.

A page that points its own name at 127.0.0.1 must not be able to read the figures, and no other site may frame
them.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eqho.api.guard import hostname, is_loopback

# Streamlit's scripts build functions from text and its components set styles in place; nothing comes from
# elsewhere, and what pages show goes nowhere else.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss: data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# The API asks for a token where the caller or the name is not this machine's, and Stripe signs its webhook.
_GUARDED_BY_TOKEN = ("/api/", "/mcp", "/metrics", "/health")
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class PageGuard:
    """ASGI middleware around pages, API and websocket.

    `public_url` is where people reach the dashboard through a proxy. `address` is what the server listens on:
    on this machine only, it answers under this machine's names and that of `public_url`; on others, without a
    `public_url`, under any.
    """

    def __init__(self, app: ASGIApp, public_url: str | None, address: str | None) -> None:
        self._app = app
        self._public = urlsplit(public_url).hostname if public_url else None
        self._any_host = self._public is None and not is_loopback(address or "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif not (_guards_itself(scope["path"]) or self._answers_to(_host(scope))):
            await _refuse(scope, receive, send)
        elif any(ord(sign) < 32 for sign in scope["path"]):
            # Routes are matched line by line: behind a line break the API's would be passed over.
            await _nowhere(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _answers_to(self, host: str) -> bool:
        return self._any_host or is_loopback(host) or host.lower() == self._public


def _guards_itself(path: str) -> bool:
    return path.startswith(_GUARDED_BY_TOKEN)


def _host(scope: Scope) -> str:
    return hostname(Headers(scope=scope).get("host", ""))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    sentence = "The dashboard does not answer to that name: set EQHO_PUBLIC_URL to where people reach it.\n"
    await PlainTextResponse(sentence, status_code=403)(scope, receive, send)


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    answer = JSONResponse({"detail": "There is nothing at a path with control characters."}, status_code=404)
    await answer(scope, receive, _with_headers(send))
