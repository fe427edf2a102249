"""The panels of the Data & cache page."""

from typing import Any

import streamlit as st

from eqho.sources.base import KINDS
from eqho.store.base import StoreError
from eqho.sync.progress import LABELS
from eqho.tiers import views
from eqho.ui import banners, product_lines, queries
from eqho.ui import format as fmt
from eqho.ui.tables import Column, cells, table
from eqho.ui.vocabulary import POLICIES

_COVERAGE = (
    Column("kind", "Kind"),
    Column("objects", "Objects", "count"),
    Column("state", "State"),
)
_ISSUES = (
    Column("message", "What", width=520),
    Column("count", "Count", "count", width="small"),
    Column("subjects", "Stripe ids", "list"),
    Column("code", "Code"),
)
_BRIDGE = (
    Column("step", "Step"),
    Column("amount", "Amount", "money"),
    Column("count", "Subscriptions", "count"),
    Column("subscriptions", "Stripe ids", "list", width="large"),
)
_SETTINGS = (
    Column("name", "Setting", width=210),
    Column("value", "Value", width=200),
    Column("origin", "From", width=110),
    Column("help", "Meaning", width=620),
)
_TOTALS = {policy: f"= MRR, {title} policy" for policy, title in POLICIES.items()}
_MISSING_PERMISSION = "missing_permission"


def tiers() -> None:
    """One box per tier: what it holds, how often it answers, how fast."""
    statistics = queries.app().tiers.statistics()
    l1, l2, l3 = statistics["l1"], statistics["l2"], statistics["l3"]
    with st.grid(3, min_column_width=230, gap="small", border=True) as boxes:
        with boxes.cell():
            _box(
                "L1 · memory",
                f"Time to live {fmt.count(statistics['ttl'])} s",
                _reads(l1),
                l1["entries"],
                "entries",
            )
        with boxes.cell():
            _box("L2 · store", l2["backend"], _reads(l2), l2["documents"], "documents")
        with boxes.cell():
            last = l3["last_duration_s"]
            _box(
                "L3 · source",
                f"Generation {fmt.count(statistics['generation'])}",
                [
                    ("Refreshes", f"{fmt.count(l3['refreshes'])}, {fmt.count(l3['failures'])} failed"),
                    ("Last took", fmt.duration(last)),
                ],
                l3["source_requests"],
                "requests to the source",
            )


def _reads(tier: dict[str, Any]) -> list[tuple[str, str]]:
    """What was found, and apart from it what had to be computed or looked for elsewhere."""
    found, missed = (
        " / ".join(fmt.milliseconds(tier[name]).removesuffix(" ms") for name in names)
        for names in (("p50_ms", "p95_ms", "p99_ms"), ("miss_p50_ms", "miss_p99_ms"))
    )
    return [
        ("Hit rate", f"{fmt.rate(tier['hit_rate'])} of {fmt.count(tier['hits'] + tier['misses'])}"),
        ("Hits, p50 / p95 / p99", f"{found} ms"),
        ("Misses, p50 / p99", f"{missed} ms"),
    ]


def _box(title: str, note: str, facts: list[tuple[str, str]], held: int, of_what: str) -> None:
    with st.container(gap=None):
        st.markdown(f"**{title}**")
        st.caption(fmt.markdown(note))
    st.metric(of_what.capitalize(), fmt.count(held))
    st.caption("  \n".join(f"{name}: **{fmt.markdown(shown)}**" for name, shown in facts))


def sync() -> None:
    """How far a running sync is, and how many objects of each kind are stored."""
    tiers = queries.app().tiers
    if tiers.progress()["running"]:
        st.write(fmt.markdown(fmt.in_words(tiers.progress()["sentence"])))
        banners.draw_progress()
    else:
        provenance = queries.served("all-products").provenance
        zone = queries.app().settings.timezone
        last = fmt.instant(provenance.refreshed_at, zone)
        st.caption(fmt.markdown(f"Last refresh {last}, build {provenance.build}."))
    read_everything_again()
    try:
        rows = coverage()
    except StoreError as away:
        banners.unread("What is stored", away)
        return
    table(rows, _COVERAGE, key="coverage", empty="Nothing has been read yet.", max_rows=12)


def read_everything_again() -> None:
    """A button with a question before it: the one thing that heals what no event has told."""
    with st.popover("Read everything again", icon=":material/restart_alt:"):
        st.markdown(
            "Lists every object at the source again: what no event has told is brought in, and what was "
            "deleted is found. It costs one request for each hundred objects. What changed is published "
            "first, the figures stay on screen meanwhile, and nothing of the history is cleared."
        )
        st.button("Read everything again now", type="primary", on_click=_read_everything, key="refresh-full")


def _read_everything() -> None:
    try:
        queries.app().tiers.refresh(full=True)
    except StoreError as error:
        st.toast(fmt.markdown(str(error)), icon=":material/error:")
        return
    st.toast("Everything is being read again; its progress stands in the sidebar.", icon=":material/sync:")


def coverage() -> list[dict[str, Any]]:
    """A row for each kind of object that is stored or may not be read."""
    denied = {
        kind
        for issue in queries.app().tiers.issues()
        if issue.code == _MISSING_PERMISSION
        for kind in issue.subjects
    }
    stored = queries.coverage()
    return [
        {
            "kind": LABELS[kind].capitalize(),
            "objects": None if kind in denied else stored[kind],
            "state": "permission missing" if kind in denied else "complete",
        }
        for kind in KINDS
        if kind in denied or kind in stored
    ]


def issues() -> None:
    found = queries.app().tiers.issues()
    for issue in found:
        if issue.code == _MISSING_PERMISSION:
            st.warning(fmt.markdown(fmt.in_words(issue.message)), icon=":material/key_off:")
    rows = [
        {"code": issue.code, "message": issue.message, "count": issue.count, "subjects": list(issue.subjects)}
        for issue in found
    ]
    table(rows, _ISSUES, key="issues", empty="Nothing was left out.", max_rows=8, row_height=52)


def bridge() -> None:
    product = product_lines.choice()
    currency = queries.metrics(product).currency
    rows = [
        cells(row, count=len(row.subscriptions), step=_TOTALS.get(row.step, row.step))
        for row in queries.view(views.Bridge(), product).rows
    ]
    table(
        rows,
        _BRIDGE,
        key=f"bridge-{product}",
        currency=currency,
        empty="There is no MRR to explain.",
        max_rows=14,
    )


def settings() -> None:
    rows = [
        {"name": row.name, "value": row.value, "origin": row.origin, "help": row.help}
        for row in queries.app().settings.provenance()
    ]
    table(rows, _SETTINGS, key="settings", empty="", max_rows=20)
