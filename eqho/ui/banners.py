"""What stands above a page when something is not as usual: a first sync, a past not read yet, an outage, an
old build."""

import time
from collections.abc import Mapping

import streamlit as st

from eqho.issues import CLOCK_WRONG, FELL_BACK, STORE_DAMAGED
from eqho.store.base import StoreError
from eqho.ui import format as fmt
from eqho.ui.queries import app

_RETRY_SECONDS = 30.0
_ABOVE_EVERY_PAGE: Mapping[str, str] = {
    "no_subscriptions": ":material/key_off:",
    STORE_DAMAGED: ":material/heart_broken:",
    FELL_BACK: ":material/alt_route:",
    CLOCK_WRONG: ":material/schedule:",
}


def draw() -> None:
    """The banners of an account without subscriptions, of a store that was damaged, of one that does not
    answer, of a source that stands in for another, of a clock that is wrong and of a refresh that failed."""
    for issue in app().tiers.issues():
        if icon := _ABOVE_EVERY_PAGE.get(issue.code):
            st.warning(fmt.markdown(fmt.in_words(issue.message)), icon=icon)
    tiers = app().tiers
    age, (_, failure) = tiers.age(), tiers.last_refresh()
    old = "" if age is None else f", refreshed {fmt.age(age)}"
    outage = tiers.outage()
    if outage:
        began, sentence = outage
        since = fmt.instant(int(began.timestamp()), app().settings.timezone)
        st.warning(
            f"{fmt.markdown(sentence)} Since {since} the last good numbers are shown{old}; "
            "they are refreshed as soon as it answers.",
            icon=":material/cloud_off:",
        )
    if failure and age is not None and not (outage and failure == outage[1]):
        st.warning(
            f"{fmt.markdown(failure)} The last good numbers are shown{old}; it is tried again by itself.",
            icon=":material/sync_problem:",
        )


def unread(what: str, error: StoreError) -> None:
    """In place of a part of a page; why, only where no banner says so already."""
    outage = app().tiers.outage()
    why = "" if outage and outage[1] == str(error) else f" {error}"
    st.caption(f":material/cloud_off: {fmt.markdown(f'{what} cannot be read now.{why}')}")


def nothing_yet() -> bool:
    """Whether no build can be served. It does not wait for one, as asking for a number would."""
    return bool(app().tiers.health()["status"] == "starting")


def first_sync() -> None:
    """How far the first sync is, or why it failed. It looks and tries again by itself."""
    if not app().tiers.progress()["running"] and not _reason():
        _refresh()

    @st.fragment(run_every=1.0)
    def watch() -> None:
        if not nothing_yet():
            st.rerun()
        with st.container(border=True):
            if app().tiers.progress()["running"]:
                _on_its_way()
            else:
                _failed()

    watch()


def _on_its_way() -> None:
    st.header("The first numbers are on their way", anchor=False)
    st.write(fmt.markdown(fmt.in_words(app().tiers.progress()["sentence"])))
    draw_progress()
    st.caption("This page fills itself as soon as there is something to show. You can leave it alone.")


def _failed() -> None:
    if time.monotonic() - st.session_state.setdefault("tried", time.monotonic()) > _RETRY_SECONDS:
        _refresh()
    st.header("There are no numbers yet", anchor=False)
    st.write(fmt.markdown(_reason() or "The source has not been read yet."))
    st.button("Try again", type="primary", on_click=_refresh)
    st.caption(f"It is tried again every {_RETRY_SECONDS:.0f} seconds while this page is open.")


def _reason() -> str | None:
    sentence: str | None = app().tiers.health()["reason"]
    return sentence


def past_is_read() -> bool:
    """Whether a first pull goes on behind figures that are shown already."""
    tiers = app().tiers
    return bool(tiers.progress()["running"]) and not nothing_yet() and tiers.complete() is None


def past_on_its_way() -> None:
    """How far such a pull is; the sidebar draws the page again with each month that it brings."""
    if not past_is_read():
        return

    @st.fragment(run_every=2.0)
    def watch() -> None:
        with st.container(border=True, gap="xsmall", key="past-on-its-way"):
            st.markdown(
                "**The past is being read**, the newest months first. What needs it appears by itself."
            )
            draw_progress()

    watch()


def draw_progress() -> None:
    """One bar with the time left, and what is stored so far, by kind of object."""
    progress = app().tiers.progress()
    fraction, left = progress["fraction"], progress["seconds_left"]
    if fraction is not None:
        share = f"{int(100 * fraction)} %"
        st.progress(min(1.0, fraction), text=f"{share}, {fmt.remaining(left)}" if left is not None else share)
    read = [
        f"{state['label'].capitalize()}: {fmt.count(state['objects'])} read{' ✓' if state['done'] else ''}"
        for state in progress["kinds"].values()
        if state["objects"]
    ]
    if read:
        st.caption(" · ".join(fmt.markdown(part) for part in read))


def _refresh() -> None:
    st.session_state["tried"] = time.monotonic()
    app().tiers.refresh()
