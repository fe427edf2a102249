"""From `streamlit run` to the first page in Chromium: the demo with an empty data folder, beside an empty
script, in turn. Goal: 1.8 times as long."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import httpx
from playwright.sync_api import Browser, sync_playwright

from benchmarks.demo import NOW
from benchmarks.earlier import COMMIT, earlier_tree
from benchmarks.timing import print_table
from eqho.application import ROOT
from tests.browser.conftest import drawn
from tests.browser.server import free_port
from tests.services.chromium import CHROMIUM_FLAGS

TIMES = 5
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
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as folder,
        earlier_tree() as tree,
    ):
        scripts = {
            "baseline: an empty script": (Path(folder) / "empty.py", "_stcore/health"),
            "dashboard, demo, empty data folder": (ROOT / "dashboard.py", "health"),
        }
        if tree is not None:
            scripts[f"the same at {COMMIT}"] = (tree / "dashboard.py", "health")
        starts: dict[str, list[Start]] = {name: [] for name in scripts}
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        (Path(folder) / "empty.py").write_text(EMPTY_SCRIPT)
        for turn in range(TIMES):
            for name, (script, health) in scripts.items():
                data = Path(folder) / f"{turn}-{name[:5]}"
                starts[name].append(started(browser, script, health, data))
        browser.close()
    medians = {
        name: Start(*(median(values) for values in zip(*found, strict=True)))
        for name, found in starts.items()
    }
    base = next(iter(medians.values()))
    print_table(
        ("script", "healthy, s", "÷ baseline", "first page drawn, s", "÷ baseline"),
        [
            (name, f"{took.healthy:.2f}", f"{took.healthy / base.healthy:.2f}",
             f"{took.drawn:.2f}", f"{took.drawn / base.drawn:.2f}")
            for name, took in medians.items()
        ],
    )  # fmt: skip
    print(f"\nMedian of {TIMES} in turn; the browser runs already, its profile is empty.")


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
def server(
    script: Path, data: Path, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[str, float]]:
    """(address, when it was started); ended by its own process id."""
    port = free_port()
    settings = {"EQHO_SOURCE": "demo", "EQHO_NOW": NOW, "EQHO_DATA_DIR": str(data), "MONGODB_URL": ""}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script),
         "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"],
        cwd=script.parent if script.name == "dashboard.py" else ROOT,
        env={**os.environ, "PYTHONPATH": str(script.parent), **settings, **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", begun
    finally:
        process.terminate()
        process.wait()


def median(seconds: Iterable[float]) -> float:
    return sorted(seconds)[TIMES // 2]
