"""A real `streamlit run dashboard.py` with its own folder and settings, stopped by its own process id."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-22T12:00:00Z"
KEY = "rk_test_eqho_acceptance"
STARTS_WITHIN = 240.0


class Dashboard:
    """`settings` are all it gets from the environment; `with` starts it and ends it. `module` runs it."""

    def __init__(self, folder: Path, *, module: str = "streamlit", **settings: str) -> None:
        self._folder, self._module = folder, module
        self._log = folder / "dashboard.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.settings = {
            "EQHO_NOW": NOW,
            "EQHO_DATA_DIR": str(folder / "data"),
            "CACHE_TTL": "3600",
        } | settings
        self.url = ""

    def start(self) -> Self:
        """Returns as soon as `/health` answers, whatever it says."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        with self._log.open("ab") as log:
            self._process = self._run(port, log)
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", timeout=30).status_code in {200, 503}:
                    return self
            except httpx.TransportError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"The dashboard did not start:\n{self.log[-3_000:]}")

    def fails_to_start(self) -> tuple[int, str]:
        """Exit code and what was written to stderr by a process that must end by itself."""
        with (self._folder / "stderr").open("wb") as stderr:
            process = self._run(free_port(), subprocess.DEVNULL, stderr)
            try:
                code = process.wait(STARTS_WITHIN)
            finally:
                process.kill()
        return code, (self._folder / "stderr").read_text()

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """As a power cut would: no time to do anything."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def ended_by(self, signal: int, seconds: float) -> int:
        """Exit code of a process that ends by itself after a signal; TimeoutExpired if it does not."""
        assert self._process is not None
        self._process.send_signal(signal)
        code = self._process.wait(seconds)
        self._process = None
        return code

    def restart(self) -> None:
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()

    def ask(self, method: str, path: str, **query: str) -> httpx.Response:
        return httpx.request(method, f"{self.url}{path}", params=query, timeout=90)

    def get(self, path: str, **query: str) -> Any:
        """The JSON of `GET /api/v1/<path>`, which must succeed."""
        answer = self.ask("GET", f"/api/v1/{path}", **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path: str, rows: Any) -> None:
        """Replace a list that people enter."""
        answer = httpx.put(f"{self.url}/api/v1/{path}", json=rows, timeout=90)
        assert answer.status_code == 200, answer.text

    def refused(self, path: str = "metrics/all-products") -> tuple[int, str]:
        """Status and sentence of a call that cannot be served."""
        answer = self.ask("GET", f"/api/v1/{path}")
        return answer.status_code, answer.json().get("detail", answer.text)

    def refresh(self) -> httpx.Response:
        return self.ask("POST", "/api/v1/cache/refresh/all-products", wait="true")

    def health(self) -> tuple[int, Any]:
        answer = self.ask("GET", "/health")
        return answer.status_code, answer.json()

    def _run(self, port: int, stdout: Any, stderr: Any = subprocess.STDOUT) -> subprocess.Popen[bytes]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        command = [sys.executable, "-m", self._module, "run", "dashboard.py"]
        options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
        return subprocess.Popen(
            command + options, cwd=ROOT, env=inherited | self.settings, stdout=stdout, stderr=stderr
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
