"""One replica as it runs in production, without pages: `python -m tests.refresh.replica_process SECONDS`.

Settings come from the environment. Prints a line of JSON whenever something changes: {"at": seconds since
1970, "generation", "mrr", "pulling", "refreshes"}. A line on stdin refreshes.
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from eqho.application import Application
from eqho.products import load
from eqho.refresh import first_look, job
from eqho.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]


def seen(app: Application) -> dict[str, Any]:
    statistics = app.tiers.statistics()
    generation, mrr = statistics["generation"], None
    if generation:
        served = app.tiers.metrics("all-products")
        generation, mrr = served.provenance.build, served.value.revenue_metrics.mrr
    return {
        "generation": generation,
        "mrr": mrr,
        "pulling": bool(app.tiers.progress()["kinds"]),
        "refreshes": statistics["l3"]["refreshes"],
    }


def obey(app: Application) -> None:
    for _ in sys.stdin:
        app.tiers.refresh()


def main() -> None:
    job.LEASE_SECONDS = float(sys.argv[1])
    first_look.PATIENCE = 600.0  # one build a pull, however slow the machine is
    app = Application(load_settings(), load(ROOT / "eqho.toml"))
    app.start()
    threading.Thread(target=obey, args=(app,), daemon=True).start()
    told: dict[str, Any] | None = None
    while True:
        now = seen(app)
        if now != told:
            told = now
            print(json.dumps({"at": time.time(), **now}), flush=True)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
