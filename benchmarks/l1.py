"""L1: a repeated look-up, beside a plain dict and `st.cache_resource` that hold the same document."""

import logging

import streamlit as st

from benchmarks.demo import demo_application
from benchmarks.timing import measure, print_table
from eqho.tiers import views
from eqho.tiers.memory import Computed, Key, Memory
from eqho.tiers.question import Question

TIMES = 5_000


def run() -> None:
    logging.getLogger("eqho.cache").setLevel(logging.INFO)
    with demo_application() as application:
        tiers = application.tiers
        document = tiers.metrics("towpilot").value
        key = Key(Question(views.Metrics(), "towpilot"), 1)
        memory = Memory(lambda _: Computed(document, "L2", 0, 1), ttl=300)
        plain = {key: document}

        @st.cache_resource(show_spinner=False)
        def resource(view: str, product: str) -> object:
            return document

        calls = {
            "baseline: dict": lambda: plain[key],
            "baseline: st.cache_resource": lambda: resource("metrics", "towpilot"),
            "L1 alone (st.cache_data)": lambda: memory.get(key),
            "tiers.metrics: L1 with provenance, statistics, log line": lambda: tiers.metrics("towpilot"),
            "tiers.view history": lambda: tiers.view(views.History(), "towpilot"),
        }
        rows = []
        for name, call in calls.items():
            timing = measure(call, TIMES)
            rows.append((name, f"{timing.median * 1e6:.1f}", f"{timing.p99 * 1e6:.1f}"))
        statistics = tiers.statistics()["l1"]
    print_table(("look-up", "median µs", "p99 µs"), rows)
    print(f"\n{statistics['hits']:,} of {statistics['hits'] + statistics['misses']:,} look-ups were hits.")
