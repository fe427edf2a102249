"""Notices that a browser opens a page, long before its script asks for a number."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Visits:
    """ASGI middleware: `on_visit` is called with each file and each connection of a page."""

    def __init__(self, app: ASGIApp, on_visit: Callable[[], None]) -> None:
        self._app, self._on_visit = app, on_visit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" or (scope["type"] == "http" and "/static/" in scope["path"]):
            self._on_visit()
        await self._app(scope, receive, send)
