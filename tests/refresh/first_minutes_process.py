"""A replica without pages: for each line on stdin it tells on stdout what it would serve then, today's
metrics or, for "all", whatever can be asked.

Settings come from the environment; `python -m tests.refresh.first_minutes_process PATIENCE NEWEST_PAGES`.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eqho.application import Application
from eqho.errors import NoBuild
from eqho.metrics.definitions import SERIES
from eqho.products import load
from eqho.refresh import first_look, job
from eqho.settings import load_settings
from eqho.sync import full_pull
from eqho.tiers import service

ROOT = Path(__file__).resolve().parents[2]
DAYS = ("2026-10-31", "2026-08-15", "2026-02-28", "2025-06-30", "2023-12-31")
QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("metrics", {}),
    *(("metrics", {"as_of": day}) for day in DAYS),
    ("metrics", {"policy": "stripe"}),
    ("history", {"metrics": ",".join(SERIES), "interval": "month"}),
    ("history", {"metrics": "mrr,customers", "interval": "day", "start": "2026-09-01"}),
    ("movements", {"interval": "month"}),
    ("customers", {}),
    ("changes", {}),
    ("cohorts", {}),
    ("cash", {}),
    ("bridge", {}),
)


def look(app: Application, questions: Sequence[tuple[str, dict[str, str]]]) -> dict[str, Any]:
    began, progress, requests = time.time(), app.tiers.progress(), app.source.requests
    answers = []
    for product in ("all-products", "towpilot") if len(questions) > 1 else ("all-products",):
        for view, arguments in questions:
            try:
                served = app.tiers.view(view, product, **arguments)
            except NoBuild:
                continue
            question = json.dumps([view, product, arguments])
            stale = served.provenance.stale_reason
            answers.append({"question": question, "answer": served.value, "stale": stale})
    return {"at": began, "requests": requests, "progress": progress, "answers": answers}


def main() -> None:
    first_look.PATIENCE, full_pull.NEWEST_PAGES = float(sys.argv[1]), int(sys.argv[2])
    if first_look.PATIENCE < 1:
        first_look.SHARE = 1
    service.FIRST_BUILD_WAIT = 0.0  # nobody waits: what is not there yet is said
    job.LEASE_SECONDS = 3.0  # who was killed holds it no longer
    app = Application(load_settings(), load(ROOT / "eqho.toml"))
    app.start()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(look(app, QUESTIONS if line == "all\n" else QUESTIONS[:1])), flush=True)


if __name__ == "__main__":
    main()
