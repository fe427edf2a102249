"""The application on demo data with a clock that stands still, as the benchmarks use it."""

from pathlib import Path

from eqho.application import ROOT, Application
from eqho.products import load
from eqho.settings import Settings

NOW = "2026-11-22T12:00:00Z"


def demo_application(folder: Path) -> Application:
    """Not started: nothing runs in the background."""
    settings = Settings.model_validate(
        {"EQHO_SOURCE": "demo", "EQHO_NOW": NOW, "EQHO_DATA_DIR": str(folder), "EQHO_TIMEZONE": "UTC"}
    )
    return Application(settings, load(ROOT / "eqho.toml"))
