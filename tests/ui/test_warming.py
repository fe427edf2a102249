"""What a first visitor does not wait for."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

FIRST_PAGE = """
import sys
from streamlit.testing.v1 import AppTest
from eqho.application import application
from eqho.ui.warming import import_first_page

application().tiers.metrics("towpilot")
import_first_page()
before = set(sys.modules)
page = AppTest.from_file("eqho/ui/shell/main.py", default_timeout=120).run()
assert not page.exception and page.title[0].value == "Overview", page.main
# Plotly has a small module for each part of a figure, imported as it is used.
late = {name for name in set(sys.modules) - before if not name.startswith("plotly.graph_objs.")}
print("late:", *sorted(name for name in late if name.split(".")[0] in {"pandas", "plotly", "eqho", "numpy"}))
application().stop()
"""

STARTED = """
import sys
import dashboard
print("heavy:", *sorted(sys.modules.keys() & {
    "pandas", "fastapi", "mcp", "stripe", "supabase", "pymongo", "apprise", "statsmodels", "openpyxl"}))
"""


def _run(script: str, folder: Path) -> str:
    environment = {"EQHO_SOURCE": "demo", "EQHO_DATA_DIR": str(folder), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def test_the_first_page_imports_nothing_that_was_not_imported_before_somebody_asked(tmp_path: Path) -> None:
    assert "late:\n" in _run(FIRST_PAGE, tmp_path)


def test_the_server_listens_before_the_libraries_of_what_nobody_has_asked_for_are_imported(
    tmp_path: Path,
) -> None:
    assert "heavy:\n" in _run(STARTED, tmp_path)
