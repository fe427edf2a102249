"""What answers under a path, made when somebody asks for it, or when nobody waits for anything: the libraries
of the API and of MCP take longer to import than the first page to be drawn."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Generic, Protocol, TypeVar

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

App = TypeVar("App", bound=ASGIApp)


class Late(Generic[App]):
    """An ASGI app made once, by `create`, in a thread."""

    def __init__(self, create: Callable[[], App]) -> None:
        self._create = create
        self._made: App | None = None
        self._lock = threading.Lock()

    def made(self) -> App:
        with self._lock:
            if self._made is None:
                self._made = self._create()
            return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._made if self._made is not None else await run_in_threadpool(self.made)
        await app(scope, receive, send)


class Running(Protocol):
    """An ASGI app that answers while its `running` is open, which is opened once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def running(self) -> AbstractAsyncContextManager[None]: ...


class LateRunning:
    """As `Late`, for one that has to run. `running` must be open while it answers."""

    def __init__(self, create: Callable[[], Running]) -> None:
        self._late = Late(create)
        self._wanted = anyio.Event()
        self._runs = anyio.Event()

    def made(self) -> Running:
        return self._late.made()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wanted.set()
        await self._runs.wait()
        await self._late(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._run)
            yield
            tasks.cancel_scope.cancel()

    async def _run(self) -> None:
        await self._wanted.wait()
        endpoint = await run_in_threadpool(self._late.made)
        async with endpoint.running():
            self._runs.set()
            await anyio.sleep_forever()
