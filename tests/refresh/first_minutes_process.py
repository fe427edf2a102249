"""A replica without pages: for each line on stdin it tells on stdout what it would serve then, today's
metrics or, for "all", whatever can be asked.

Settings come from the environment; `python -m tests.refresh.first_minutes_process PATIENCE NEWEST_PAGES`.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from eqho.application import Application
from eqho.errors import NoBuild
from eqho.metrics.definitions import SERIES
from eqho.products import ALL, load
from eqho.refresh import first_look, job
from eqho.settings import load_settings
from eqho.sync import full_pull
from eqho.tiers import service, views
from eqho.tiers.question import Question
from eqho.tiers.recorded_views import Changes

ROOT = Path(__file__).resolve().parents[2]
DAYS = ("2026-10-31", "2026-08-15", "2026-02-28", "2025-06-30", "2023-12-31")
BY_MONTH = Question(views.History(SERIES), ALL)
BY_DAY = Question(views.History(start=date(2026, 9, 1), interval="day"), ALL)
QUESTIONS: tuple[Question[Any], ...] = (
    Question(views.Metrics(), ALL),
    *(Question(views.Metrics(), ALL, date.fromisoformat(day)) for day in DAYS),
    Question(views.Metrics(), ALL, policy="stripe"),
    BY_MONTH,
    BY_DAY,
    Question(views.Movements(), ALL),
    Question(views.Customers(), ALL),
    Question(Changes(), ALL),
    Question(views.Cohorts(), ALL),
    Question(views.Cash(), ALL),
    Question(views.Bridge(), ALL),
)


def look(app: Application, questions: Sequence[Question[Any]]) -> dict[str, Any]:
    began, progress, requests = time.time(), app.tiers.progress(), app.source.requests
    answers = []
    for product in ("all-products", "towpilot") if len(questions) > 1 else ("all-products",):
        for question in questions:
            asked = replace(question, product=product)
            try:
                served = app.tiers.view(asked.view, product, asked.as_of, asked.policy)
            except NoBuild:
                continue
            answer, stale = msgspec.to_builtins(served.value), served.provenance.stale_reason
            answers.append({"question": asked.label, "answer": answer, "stale": stale})
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
