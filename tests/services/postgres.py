"""A real PostgreSQL on a free port of 127.0.0.1, with its own folder, stopped by its own process id."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from tests.services.mongod import free_port, missing

READY_SECONDS = 30
# Debian keeps them off PATH.
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _find(name: str) -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, _FOLDERS)])
    return shutil.which(name, path=path) or missing("PostgreSQL", "install Debian's postgresql")


class Postgres:
    """One cluster. It refuses to run as root, so root starts it as the user `postgres`."""

    def __init__(self) -> None:
        self._binary = _find("postgres")
        self._folder = Path(tempfile.mkdtemp(prefix="eqho-postgres-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Postgres":
        data = self._folder / "data"
        subprocess.run(
            [_find("initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=self._folder, **self._as,
        )  # fmt: skip
        self._process = subprocess.Popen(
            [self._binary, "-D", data, "-p", str(self.port), "-k", self._folder,
             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=60"],
            stdout=subprocess.DEVNULL, stderr=(self._folder.parent / f"{self._folder.name}.log").open("wb"),
            cwd=self._folder, **self._as,
        )  # fmt: skip
        deadline = time.monotonic() + READY_SECONDS
        while self._psql("postgres", "select 1").returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("PostgreSQL did not start", pytrace=False)
            time.sleep(0.05)
        return self

    def run(self, database: str, sql: str) -> str:
        done = self._psql(database, sql)
        assert not done.returncode, done.stderr
        return done.stdout.strip()

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)  # without waiting for clients
            self._process.wait()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)
        (self._folder.parent / f"{self._folder.name}.log").unlink(missing_ok=True)

    def _psql(self, database: str, sql: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_find("psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database,
             "-v", "ON_ERROR_STOP=1", "-qAtX"],
            input=sql, capture_output=True, text=True, check=False,
        )  # fmt: skip
