"""What pages read: the selection of the sidebar applied to the tiers, in the reporting zone's calendar."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import streamlit as st

from eqho.application import Application, application
from eqho.errors import NotToldYet
from eqho.periods import add_months, day_of
from eqho.products import ALL
from eqho.tiers import Served
from eqho.ui import format as fmt

Document = dict[str, Any]
Row = dict[str, Any]


class Selection(NamedTuple):
    """What the sidebar chose: `policy` "eqho" or "stripe", `as_of` an ISO day or None for now."""

    policy: str
    as_of: str | None


def app() -> Application:
    return application()


def selection() -> Selection:
    chosen: date | None = st.session_state.get("as_of")
    policy = st.session_state.get("policy") or app().settings.policy
    return Selection(policy, chosen.isoformat() if chosen else None)


def today() -> date:
    """The running day of the reporting zone."""
    return day_of(app().clock.now(), ZoneInfo(app().settings.timezone))


def last_day() -> date:
    """The day the numbers stand for: the chosen one, or today."""
    chosen = selection().as_of
    return date.fromisoformat(chosen) if chosen else today()


def metrics(product: str) -> Document:
    """The metrics document of API.md. Raises NoBuild, StoreError, UnknownProduct."""
    return served(product).value


def served(product: str) -> Served[Document]:
    """As `metrics`, with its provenance."""
    policy, as_of = selection()
    return app().tiers.metrics(product, as_of=as_of, policy=policy)


def coverage() -> dict[str, int]:
    """How many objects of each kind the mirror holds. Raises StoreError."""
    return app().store.count_objects()


def rows(name: str, product: str, **arguments: str) -> list[Row]:
    """The `rows` of a view: movement_customers, customers, bridge, changes."""
    return cast(list[Row], view(name, product, **arguments)["rows"])


def history_so_far(product: str, *slugs: str) -> list[Row]:
    """As `history`, [] while the past is not read: for cards, whose value of today is told all the same."""
    try:
        return history(product, *slugs)
    except NotToldYet:
        return []


@contextmanager
def once_told() -> Iterator[None]:
    """Draws what needs the past, or says after what it will be there."""
    try:
        yield
    except NotToldYet as waiting:
        st.caption(fmt.markdown(str(waiting)))


def history(product: str, *slugs: str, months: int = 13) -> list[Row]:
    """The last `months` month ends, oldest first; the last point is the running month."""
    found = view(
        "history",
        product,
        metrics=",".join(slugs),
        start=first_day(months).isoformat(),
        end=last_day().isoformat(),
        interval="month",
    )
    return cast(list[Row], found["points"])


def movements(product: str, months: int = 2) -> list[Row]:
    """The movements of the last `months` months, the running one last."""
    return rows(
        "movements",
        product,
        start=first_day(months).isoformat(),
        end=last_day().isoformat(),
        interval="month",
    )


def zone() -> ZoneInfo:
    return ZoneInfo(app().settings.timezone)


def day_in_zone(rfc3339: str) -> date:
    """The calendar day of an instant in the API's notation."""
    return day_of(fmt.seconds(rfc3339), zone())


def first_month() -> date:
    """The first day of the first month with MRR."""
    found = view("history", ALL, metrics="mrr", end=last_day().isoformat(), interval="month")
    return date.fromisoformat(found["points"][0]["date"]).replace(day=1)


def first_day(months: int) -> date:
    """The first day of `months` months of which the last is the one the numbers stand for."""
    return add_months(last_day().replace(day=1), 1 - months)


def view(name: str, product: str, *, at: str | None = None, **arguments: str) -> Document:
    """A view of the tiers under the sidebar's selection; `at` is another day than the selected one.

    Raises NotToldYet for a list that waits for the past.
    """
    policy, as_of = selection()
    found = app().tiers.view(name, product, as_of=at or as_of, policy=policy, **arguments).value
    waiting = [why for field, why in found.get("undefined", {}).items() if found.get(field) == []]
    if waiting:
        raise NotToldYet(fmt.sentence(waiting[0]))
    return found
