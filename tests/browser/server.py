"""A real `streamlit run dashboard.py` on demo data with a fixed clock, in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-22T12:00:00Z"
STARTS_WITHIN = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dashboard(
    data_dir: Path, *, port: int | None = None, options: tuple[str, ...] = (), **environment: str
) -> Iterator[str]:
    """Its address, once it has its first numbers; it is stopped by its own process id."""
    port = port or free_port()
    log = data_dir / "dashboard.log"
    settings = {"EQHO_SOURCE": "demo", "EQHO_NOW": NOW, "EQHO_DATA_DIR": str(data_dir / "data")}
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "streamlit", "run", "dashboard.py",
                "--server.port", str(port), "--server.address", "127.0.0.1", *options,
            ],
            cwd=ROOT,
            env={**os.environ, "MONGODB_URL": "", **settings, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, address, log)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/health", timeout=40).json()["status"] == "healthy":
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"The dashboard did not start:\n{log.read_text()[-3_000:]}")
