"""The sidebar of every page: what is shown, where it comes from, and the buttons over the tiers."""

from datetime import date
from typing import Any

import streamlit as st

from eqho.errors import NoBuild
from eqho.store.base import StoreError
from eqho.tiers import Provenance
from eqho.ui import banners, saved_views, url_state
from eqho.ui import format as fmt
from eqho.ui.navigation import PAGES, Place
from eqho.ui.queries import app, served, today
from eqho.ui.vocabulary import POLICIES

_FIRST_DAY = date(2010, 1, 1)
_WATCH_SECONDS = 20.0
_PROGRESS_SECONDS = 1.0


def draw(place: Place) -> None:
    """Call inside `st.sidebar`."""
    _choices()
    running = bool(app().tiers.progress()["running"])
    _watched_source(running)
    saved_views.draw(place)
    _buttons(place)
    with st.expander("Cache statistics", icon=":material/speed:"):
        _statistics(app().tiers.statistics())


def _choices() -> None:
    settings = app().settings
    url_state.chosen("policy", settings.policy, POLICIES, _policy)
    st.date_input(
        "As of",
        value=None,
        min_value=_FIRST_DAY,
        max_value=today(),
        key="as_of",
        bind="query-params",
        format=fmt.typed_day(),
        help=f"The numbers at the end of that day in {settings.timezone}; empty is now.",
    )


def _policy(key: str) -> str | None:
    return st.segmented_control(
        "Policy",
        list(POLICIES),
        format_func=POLICIES.__getitem__,
        required=True,
        key=key,
        width="stretch",
        help="Eqho: repeating coupons count until they end, churn when the subscription ended. "
        "Stripe parity: as Stripe's own dashboard counts.",
    )


def _watched_source(running: bool) -> None:
    """Source and age, kept fresh without anybody's click; a new build redraws the whole page."""
    drawn = app().tiers.statistics()
    provenance = _provenance()

    @st.fragment(run_every=_PROGRESS_SECONDS if running else _WATCH_SECONDS)
    def watch() -> None:
        progress = app().tiers.progress()
        grown_old = provenance and not provenance.stale and _age() > drawn["ttl"]
        new = app().tiers.statistics()["generation"] != drawn["generation"]
        if new or grown_old or progress["running"] != running:
            st.rerun()
        with st.container(border=True, gap="xsmall"):
            if provenance:
                _source(provenance)
            else:
                st.badge("no numbers yet", color="orange", icon=":material/hourglass:")
            if running and not banners.past_is_read():
                st.caption(fmt.markdown(fmt.in_words(progress["sentence"])))
                banners.draw_progress()

    watch()


def _provenance() -> Provenance | None:
    """None while nothing can be served: the page itself says why."""
    if banners.nothing_yet():
        return None
    try:
        return served("all-products").provenance
    except (NoBuild, StoreError):
        return None


def _age() -> float:
    return app().tiers.age() or 0.0


def _source(provenance: Provenance) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if provenance.source == "demo":
            st.badge("demo data", color="violet", icon=":material/science:")
        else:
            st.badge(fmt.markdown(provenance.source.capitalize()), color="blue", icon=":material/cloud_done:")
        age = fmt.age(_age())
        if provenance.stale:
            st.badge(f"stale, {age}", color="orange", icon=":material/schedule:")
        else:
            st.badge(age, color="green", icon=":material/schedule:")
    if provenance.source == "demo":
        st.page_link(str(PAGES / "data.py"), label="Connect your own data", icon=":material/power:")
    if provenance.stale and provenance.stale_reason:
        st.caption(f":orange[{fmt.markdown(fmt.in_words(provenance.stale_reason))}]")
    if app().clock.is_fixed:
        fixed = fmt.instant(app().clock.now(), app().settings.timezone)
        st.caption(f":material/lock_clock: Clock fixed at {fixed} (EQHO_NOW)")


def _buttons(place: Place) -> None:
    names = {"towpilot": "TowPilot", "all-products": "all products"}
    with st.container(gap="xsmall"):
        if place.product != "all-products":
            st.button(
                f"Refresh {names[place.product]}",
                icon=":material/refresh:",
                width="stretch",
                on_click=_refresh,
                args=(names[place.product],),
                key="refresh-product",
            )
        st.button(
            "Refresh all",
            icon=":material/sync:",
            width="stretch",
            on_click=_refresh,
            args=("all products",),
            key="refresh-all",
        )
        st.button(
            "Clear caches",
            icon=":material/mop:",
            width="stretch",
            on_click=_clear,
            key="clear-caches",
            help="Forgets what is held in memory and Stripe's cached pages. History is never cleared.",
        )


def _refresh(name: str) -> None:
    """Whatever was asked for, one pass over the source refreshes every product."""
    try:
        answer = app().tiers.refresh()
    except StoreError as error:
        st.toast(fmt.markdown(str(error)), icon=":material/error:")
        return
    if answer == "started":
        sentence = f"Refreshing {name}: the source is read once for every product."
    else:
        sentence = "A refresh is running already; you joined it."
    st.toast(sentence, icon=":material/sync:")


def _clear() -> None:
    try:
        cleared = app().tiers.clear()
    except StoreError as error:
        st.toast(fmt.markdown(str(error)), icon=":material/error:")
        return
    st.toast(
        f"Cleared {fmt.count(cleared['l1'])} entries in memory and {fmt.count(cleared['stripe_cache'])} "
        "cached pages of Stripe. History is kept.",
        icon=":material/mop:",
    )


def _statistics(statistics: dict[str, Any]) -> None:
    l1, l2, l3 = statistics["l1"], statistics["l2"], statistics["l3"]
    for name, tier, held in (
        ("L1 memory", l1, f"{fmt.count(l1['entries'])} entries"),
        ("L2 store", l2, f"{fmt.count(l2['documents'])} documents"),
    ):
        asked = fmt.count(tier["hits"] + tier["misses"])
        st.caption(
            f"**{name}**  \n{fmt.rate(tier['hit_rate'])} hits of {asked}, p50 "
            f"{fmt.milliseconds(tier['p50_ms'])}, misses {fmt.milliseconds(tier['miss_p50_ms'])}, {held}"
        )
    last = fmt.duration(l3["last_duration_s"])
    st.caption(
        f"**L3 source**  \nRefreshes {fmt.count(l3['refreshes'])}, failed {fmt.count(l3['failures'])}, "
        f"last took {last}, requests {fmt.count(l3['source_requests'])}"
    )
