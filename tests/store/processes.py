"""Starting the worker."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(action: str, place: tuple[str, ...]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.worker", action, *place],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def read_numbers(process: "subprocess.Popen[str]", count: int | None = None) -> list[int]:
    """The next `count` numbers it prints, or all until it ends. A line cut off by its end is not counted."""
    assert process.stdout
    numbers: list[int] = []
    while count is None or len(numbers) < count:
        line = process.stdout.readline()
        if not line.endswith("\n"):
            break
        numbers.append(int(line))
    return numbers
