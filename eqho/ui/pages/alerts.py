"""The panels of the Alerts page."""

import streamlit as st

from eqho.messages.destinations import Destination
from eqho.messages.messenger import Messenger
from eqho.messages.outbox import Copy
from eqho.periods import rfc3339
from eqho.store.base import StoreError
from eqho.ui import banners, queries
from eqho.ui import format as fmt
from eqho.ui.tables import Column, table
from eqho.ui.vocabulary import COPY_STATES

_COPIES = (
    Column("title", "Message", width="large"),
    Column("to", "To"),
    Column("state", "State"),
    Column("tries", "Tries", "count", width="small"),
    Column("when", "First try", in_file="at"),
    Column("error", "Why not", width="large"),
)
_HOW = (
    "No destination is set. Put notification URLs of apprise into EQHO_ALERTS, separated by commas (Slack, "
    "e-mail, Teams, a webhook …): the week then comes on Monday, the month when it closes, and alerts when "
    "they happen. Amounts go only where amounts= stands before the URL."
)


def destinations() -> None:
    messenger = queries.app().messenger
    if not messenger.destinations:
        st.info(fmt.markdown(_HOW), icon=":material/notifications_off:")
        return
    for destination in messenger.destinations:
        with st.container(horizontal=True, vertical_alignment="center"):
            amounts = "with amounts" if destination.amounts else "without amounts"
            st.markdown(f"**{fmt.markdown(destination.name)}** · {amounts}", width="stretch")
            if st.button("Send a test", key=f"test-{destination.id}", icon=":material/send:"):
                _test(messenger, destination)


def _test(messenger: Messenger, destination: Destination) -> None:
    with st.spinner("Sending…"):
        error = messenger.test(destination)
    if error is None:
        st.success("The test message was taken.", icon=":material/check:")
    else:
        st.error(fmt.markdown(f"The test message was not taken: {error}"), icon=":material/error:")


def rules() -> None:
    found = queries.app().messenger.rules
    whether = (
        ("Stale figures", f"after {fmt.count(found.stale_minutes)} minutes" if found.stale_minutes else ""),
        ("A refresh that fails", "always" if found.failed_sync else ""),
        ("A goal that is missed", "always" if found.goal_missed else ""),
        ("A change of MRR within a day", _from(found.mrr_change)),
        ("MRR lost with one customer within a day", _from(found.lost_mrr)),
        ("An invoice whose payment fails", _from(found.payment_failed)),
    )
    lines = [
        "The week, on Monday: always",
        "The month, when it is closed: always",
        *(f"{what}: {when or 'no message'}" for what, when in whether),
        f"Quiet hours: {found.quiet_hours or 'none'}",
    ]
    st.markdown("\n".join(f"- {fmt.markdown(line)}" for line in lines))


def _from(size: float | None) -> str:
    if size is None:
        return ""
    return f"from {fmt.decimal(size, 0 if size == int(size) else 2)} of the reporting currency on"


def preview() -> None:
    messenger = queries.app().messenger
    try:
        found = messenger.preview()
    except StoreError as error:
        banners.unread("What would go out", error)
        return
    if not found:
        st.caption("There is nothing to tell.")
        return
    amounts = st.toggle("With amounts", value=True, key="preview-amounts")
    for message in found:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f"**{fmt.markdown(messenger.title(message))}**")
            text = messenger.preview_text(message, amounts=amounts)
            st.markdown("  \n".join(fmt.markdown(line) for line in text.splitlines()))


def copies() -> None:
    messenger = queries.app().messenger
    names = {one.id: one.name for one in messenger.destinations}
    try:
        found = messenger.copies()
    except StoreError as error:
        banners.unread("What has gone out", error)
        return
    table(
        [_row(copy, names) for copy in found],
        _COPIES,
        key="copies",
        empty="Nothing has gone out yet. A destination is told only what happens after it was set.",
    )


def _row(copy: Copy, names: dict[str, str]) -> dict[str, object]:
    return {
        "title": copy.title,
        "to": names.get(copy.destination, "a destination that is no longer set"),
        "state": COPY_STATES[copy.state],
        "tries": copy.tries,
        "when": fmt.instant(copy.first_try, queries.app().settings.timezone),
        "at": rfc3339(copy.first_try),
        "error": copy.error or "",
    }
