"""The Stripe Sync Engine that Supabase's dashboard installs: its own npm package, run by Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from eqho.stripe_simulator.account import StripeAccount
from tests.oracle.api_shapes import downgrade
from tests.services.mongod import missing
from tests.services.postgres import Postgres
from tests.services.stripe_server import StripeServer
from tests.services.supabase_project import ROOT

PACKAGE = "@stripe/sync-engine@1.0.32"
TIMEOUT_SECONDS = 240
# Stripe's document of that date, cut to what the engine looks at: the tables it makes of both are the same.
DOCUMENT = ROOT / "tests/fixtures/supabase/openapi-2020-08-27.json"


def find_node() -> str:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules/@stripe/sync-engine/package.json").exists():
        missing("The Stripe Sync Engine", f"npm install --no-save {PACKAGE}, with Node 18 or later")
    return node


def fill(postgres: Postgres, database: str, server: StripeServer) -> dict[str, int]:
    """Makes the database, has the engine migrate it and back-fill it from the server as Stripe would show it
    to that engine; how many rows it says it wrote, by table."""
    node = find_node()
    postgres.run("postgres", f"create database {database}")
    server.shaped = in_older_shape(server.account)
    url = f"postgres://postgres@127.0.0.1:{postgres.port}/{database}"
    script = Path(__file__).with_name("sync_engine.mjs")
    done = subprocess.run(
        [node, str(script), url, server.url, server.key, str(DOCUMENT)],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    assert not done.returncode, done.stdout + done.stderr
    counts: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return counts


def in_older_shape(account: StripeAccount) -> Any:
    """For `StripeServer.shaped`: what an API version before 2025-03-31 shows, which that engine asks for."""

    def find(kind: str, name: str) -> dict[str, Any] | None:
        return account.retrieve(kind, name, complete=True)

    def shaped(body: dict[str, Any]) -> dict[str, Any]:
        if body.get("object") != "list":
            return downgrade(body["object"], body, "acacia", find)
        return body | {"data": [downgrade(found["object"], found, "acacia", find) for found in body["data"]]}

    return shaped
