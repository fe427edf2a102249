"""How every answer travels: as JSON of its struct, stored nowhere on the way; HEAD is GET without a body."""

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_STORE = "no-store"


def as_json(answer: object, status: int = 200, media: str = "application/json") -> Response:
    """Of structs and plain values."""
    return Response(msgspec.json.encode(answer), status, media_type=media)


class PlainHttp:
    """ASGI middleware. What sets its own Cache-Control keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", NO_STORE)
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if head else scope, receive, sending)
