"""From `streamlit run` to the first page in Chromium: the demo with an empty data folder, beside an empty
script. Goal: 5 s."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from playwright.sync_api import Browser, sync_playwright

from benchmarks.demo import NOW
from benchmarks.timing import print_table
from eqho.application import ROOT
from tests.browser.conftest import CHROMIUM_FLAGS, drawn
from tests.browser.server import free_port

TIMES = 3
PATIENCE = 120.0
EMPTY_SCRIPT = 'import streamlit as st\n\nst.title("Empty")\nst.sidebar.write("Empty")\n'


class Start(NamedTuple):
    """Seconds since the process began."""

    healthy: float
    drawn: float


def run() -> None:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("Chromium is not installed: nothing was measured.")
        return
    rows = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_SCRIPT)
        for name, script, health in (
            ("baseline: an empty script", empty, "_stcore/health"),
            ("dashboard, demo, empty data folder", ROOT / "dashboard.py", "health"),
        ):
            starts = [
                started(browser, script, health, Path(folder) / f"{script.stem}{n}") for n in range(TIMES)
            ]
            rows.append(
                (name, median(start.healthy for start in starts), median(start.drawn for start in starts))
            )
        browser.close()
    print_table(("script", "healthy, s", "first page drawn, s"), rows)
    print(f"\nMedian of {TIMES}; the browser runs already, its profile is empty.")


def started(browser: Browser, script: Path, health: str, data: Path) -> Start:
    """Two servers, each with an empty folder: neither question waits for the other."""
    with server(script, data / "asked") as (address, begun):
        healthy = seconds_until_200(f"{address}/{health}", begun)
    with server(script, data / "seen") as (address, begun):
        seconds_until_200(f"{address}/_stcore/health", begun)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(address)
        drawn(page)
        shown = time.perf_counter() - begun
        context.close()
    return Start(healthy, shown)


def seconds_until_200(address: str, begun: float) -> float:
    while time.perf_counter() - begun < PATIENCE:
        try:
            if httpx.get(address, timeout=30).status_code == 200:
                return time.perf_counter() - begun
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"{address} did not answer 200 within {PATIENCE:.0f} s.")


@contextmanager
def server(script: Path, data: Path) -> Iterator[tuple[str, float]]:
    """(address, when it was started); ended by its own process id."""
    port = free_port()
    settings = {"EQHO_SOURCE": "demo", "EQHO_NOW": NOW, "EQHO_DATA_DIR": str(data), "MONGODB_URL": ""}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script),
         "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", begun
    finally:
        process.terminate()
        process.wait()


def median(seconds: Iterator[float]) -> str:
    return f"{sorted(seconds)[TIMES // 2]:.2f}"
