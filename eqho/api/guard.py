"""Who may call the API. Streamlit guards none of its custom routes: no login, no CORS, no XSRF check."""

import ipaddress
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Guard:
    """ASGI middleware: refuses cross-site calls; then a bearer token, or, where none is set, loopback only.

    The Host header is looked at too: a page that points its own name at 127.0.0.1 is not local.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._refusal(Headers(scope=scope), scope.get("client"))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, headers: Headers, client: tuple[str, int] | None) -> JSONResponse | None:
        if _is_cross_site(headers):
            return _error(403, "This API is not called from other sites' pages; call it from a program.")
        if self._token is not None:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            known = secrets.compare_digest(given.strip().encode(), self._token.encode())
            if scheme.lower() == "bearer" and known:
                return None
            return _error(401, "Send the header “Authorization: Bearer <EQHO_API_TOKEN>”.")
        if client and is_loopback(client[0]) and is_loopback(hostname(headers.get("host", ""))):
            return None
        return _error(
            401, "Set EQHO_API_TOKEN and send it as a bearer token: without it only this machine may ask."
        )


def _is_cross_site(headers: Headers) -> bool:
    if headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        return True
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower()


def hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _error(status: int, detail: str) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"detail": detail}, status_code=status, headers=headers)
