"""`python -m benchmarks` comes to its end: what works in the background is ended before its folder goes."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FEW_TIMES = (
    "import sys, benchmarks.l1 as l1; from benchmarks.__main__ import main; l1.TIMES = 20; sys.exit(main({}))"
)


def run(folder: Path, *names: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", FEW_TIMES.format(list(names))],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_benchmark_of_look_ups_ends_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ended = run(tmp_path, "l1")
    assert ended.returncode == 0, ended.stderr
    assert "Directory not empty" not in ended.stderr
    assert "tiers.metrics: L1 with provenance" in ended.stdout
    assert "look-ups were hits." in ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_benchmark_that_there_is_not_is_said_with_those_there_are(tmp_path: Path) -> None:
    ended = run(tmp_path, "l9")
    assert ended.returncode == 2
    assert "There is no benchmark 'l9'; there are: " in ended.stderr
    assert "l1" in ended.stderr
