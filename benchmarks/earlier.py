"""The same measured with the code of an earlier commit, in a git worktree of its own: what a ratio is told
against."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eqho.application import ROOT

COMMIT = "fca7560"
"""Main as the goals of DESIGN.md were set."""


@contextmanager
def earlier_tree() -> Iterator[Path | None]:
    """A checkout of that commit, gone afterwards; None where this copy has no history."""
    with tempfile.TemporaryDirectory(prefix="eqho-earlier-") as folder:
        tree = Path(folder) / "tree"
        added = _git("worktree", "add", "--detach", str(tree), COMMIT)
        if added.returncode:
            print(f"Nothing is compared with {COMMIT}: {added.stderr.strip().splitlines()[-1]}\n")
            yield None
            return
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def measured(script: str, tree: Path, *arguments: str) -> dict[str, float]:
    """What a script prints in its last line, a JSON object, run by this Python with the code of a tree."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        check=True,
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], check=False, cwd=ROOT, capture_output=True, text=True)
