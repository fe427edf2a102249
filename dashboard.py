"""The server: pages and JSON API on one port. `streamlit run dashboard.py`"""

import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from eqho.api.guard import is_loopback
from eqho.api.health import health_answer
from eqho.api.late import Late, LateRunning, Running
from eqho.api.page_guard import PageGuard
from eqho.api.unknown_paths import UnknownPaths
from eqho.api.visits import Visits
from eqho.api.webhook import PATH, Webhook
from eqho.application import application
from eqho.products import ConfigurationError
from eqho.settings import SettingsError, reveal
from eqho.store.base import StoreError
from eqho.ui.navigation import PLACES
from eqho.ui.warming import Warming

# The matrices of a forecast are tiny: threads of their own would wait for each other, at six times the work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
logging.getLogger("eqho").setLevel(logging.INFO)

try:
    eqho = application()
except (SettingsError, ConfigurationError, StoreError) as error:
    sys.exit(str(error))


def health(_: Request) -> Response:
    return health_answer(eqho.tiers)


# The libraries of these take longer to import than the first page to be drawn.
def create_api() -> ASGIApp:
    from eqho.api.app import create_api  # noqa: PLC0415

    return create_api(eqho.tiers, eqho.products, token)


def create_mcp() -> Running:
    from eqho.api.mcp import McpEndpoint  # noqa: PLC0415

    return McpEndpoint(eqho.tiers, eqho.products, token)


def create_monitoring() -> ASGIApp:
    from eqho.api.monitoring import create_monitoring  # noqa: PLC0415

    return create_monitoring(eqho.tiers, token)


token = reveal(eqho.settings.api_token)
api, mcp, monitoring = Late(create_api), LateRunning(create_mcp), Late(create_monitoring)
warming = Warming(eqho.tiers.attention, later=(api.made, mcp.made, monitoring.made))
webhook = Webhook(eqho.store, eqho.tiers.wake, reveal(eqho.settings.stripe_webhook_secret), eqho.origin)


if eqho.source.name != "demo" and not eqho.settings.allowed_emails:
    address = st.get_option("server.address")
    if not is_loopback(address or ""):
        logging.getLogger("eqho").warning(
            "WHOEVER REACHES THIS PORT SEES THE FIGURES: the server listens on %s and no log-in is set up. "
            "Add an [auth] section and EQHO_ALLOWED_EMAILS (README, Deploy), or listen on localhost.",
            address or "every address",
        )


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    eqho.start()
    warming.start()
    async with mcp.running():
        yield
    warming.stop()
    eqho.stop()


app = st.App(
    Path(__file__).parent / "eqho" / "ui" / "shell" / "main.py",
    routes=[
        Route("/health", health),
        Route("/mcp", mcp),
        Route("/metrics", monitoring),
        Route(PATH, webhook),
        Mount("/api/v1", app=api),
    ],
    middleware=[
        Middleware(PageGuard, public_url=eqho.settings.public_url, address=st.get_option("server.address")),
        Middleware(
            UnknownPaths,
            pages=[place.address for place in PLACES],
            base=st.get_option("server.baseUrlPath"),
        ),
        Middleware(Visits, on_visit=eqho.tiers.attention.somebody_asks),
    ],
    lifespan=lifespan,
)
