"""The application on demo data with a clock that stands still, as the benchmarks use it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from eqho.application import ROOT, Application
from eqho.products import load
from eqho.settings import Settings

NOW = "2026-11-22T12:00:00Z"


@contextmanager
def demo_application() -> Iterator[Application]:
    """With its first build, however long that takes, and its months frozen; not started: nothing runs in the
    background. It ends before its folder goes, whatever happens."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate(
            {"EQHO_SOURCE": "demo", "EQHO_NOW": NOW, "EQHO_DATA_DIR": folder, "EQHO_TIMEZONE": "UTC"}
        )
        application = Application(settings, load(ROOT / "eqho.toml"))
        try:
            application.tiers.refresh(wait=True)
            application.tiers.settled(600.0)
            yield application
        finally:
            application.stop()
