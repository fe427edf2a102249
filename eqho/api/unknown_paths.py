"""A path that leads to no page answers 404.

Streamlit gives its one HTML file with 200 for every path it does not know; people still get that file, and
see which pages there are.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOT_PAGES = frozenset(("api", "app", "auth", "component"))
"""Where other HTML lies, of Streamlit's or ours."""


class UnknownPaths:
    """ASGI middleware. `pages` are the addresses of the pages, "" the first one's; `base` is Streamlit's
    `server.baseUrlPath`."""

    def __init__(self, app: ASGIApp, pages: Collection[str], base: str = "") -> None:
        self._app, self._pages, self._base = app, frozenset(pages), base.strip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._leads_somewhere(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200 and _is_html(message):
                message = {**message, "status": 404}
            await send(message)

        await self._app(scope, receive, sending)

    def _leads_somewhere(self, path: str) -> bool:
        address = path.strip("/").removeprefix(self._base).strip("/")
        return address in self._pages or address.partition("/")[0] in _NOT_PAGES


def _is_html(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
