"""What pages read: the selection of the sidebar applied to the tiers, in the reporting zone's calendar."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import streamlit as st
from msgspec import structs

from eqho.application import Application, application
from eqho.errors import NotToldYet
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.history_rows import Point
from eqho.metrics.made_of import Part
from eqho.metrics.rows import MovementRow
from eqho.periods import add_months, day_of
from eqho.products import ALL
from eqho.tiers import Served, views
from eqho.tiers.question import A, AnyView
from eqho.ui import format as fmt


class Selection(NamedTuple):
    """What the sidebar chose: `policy` "eqho" or "stripe", `as_of` a day whose end is meant, None for now."""

    policy: str
    as_of: date | None


_this_run = threading.local()
_SO_FAR = re.compile(r" \(\d+ % so far\)")


@contextmanager
def one_run() -> Iterator[None]:
    """Within it each question is asked once: a page asks for its currency with every table. Fragments that
    are run again by themselves, later, ask anew."""
    _this_run.answers = {}
    try:
        yield
    finally:
        del _this_run.answers


def _ask(view: AnyView[A], product: str, as_of: date | None, policy: str) -> Served[A]:
    answers: dict[object, Served[A]] | None = getattr(_this_run, "answers", None)
    if answers is None:
        return _at_rest(app().tiers.view(view, product, as_of, policy))
    question = (view, product, as_of, policy)
    if question not in answers:
        answers[question] = _at_rest(app().tiers.view(view, product, as_of, policy))
    return answers[question]


def _at_rest(served: Served[A]) -> Served[A]:
    """How far a first pull is, the bar says: on a page that is not drawn again it would soon be wrong."""
    value, provenance = served.value, served.provenance
    undefined: dict[str, str] = getattr(value, "undefined", None) or {}
    if any(_SO_FAR.search(reason) for reason in undefined.values()):
        still = {name: _SO_FAR.sub("", reason) for name, reason in undefined.items()}
        value = structs.replace(value, undefined=still)
    if provenance.stale_reason:
        provenance = structs.replace(provenance, stale_reason=_SO_FAR.sub("", provenance.stale_reason))
    return Served(value, provenance)


def app() -> Application:
    return application()


def selection() -> Selection:
    chosen: date | None = st.session_state.get("as_of")
    policy = st.session_state.get("policy") or app().settings.policy
    return Selection(policy, chosen)


def today() -> date:
    """The running day of the reporting zone."""
    return day_of(app().clock.now(), ZoneInfo(app().settings.timezone))


def last_day() -> date:
    """The day the numbers stand for: the chosen one, or today."""
    return selection().as_of or today()


def metrics(product: str) -> MetricsDocument:
    """The metrics document of API.md. Raises NoBuild, StoreError, UnknownProduct."""
    return served(product).value


def served(product: str) -> Served[MetricsDocument]:
    """As `metrics`, with its provenance."""
    policy, as_of = selection()
    return _ask(views.Metrics(), product, as_of, policy)


def parts(product: str) -> dict[str, list[Part]]:
    """What the numbers of a product are made of, by metric; as `metrics` otherwise."""
    return view(views.Parts(), product).parts


def coverage() -> dict[str, int]:
    """How many objects of each kind the mirror holds. Raises StoreError."""
    return app().store.count_objects()


def history_so_far(product: str, *slugs: str) -> list[Point]:
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


def history(product: str, *slugs: str, months: int = 13) -> list[Point]:
    """The last `months` month ends, oldest first; the last point is the running month."""
    return view(views.History(slugs, first_day(months), last_day()), product).points


def movements(product: str, months: int = 2) -> list[MovementRow]:
    """The movements of the last `months` months, the running one last."""
    return view(views.Movements(first_day(months), last_day()), product).rows


def zone() -> ZoneInfo:
    return ZoneInfo(app().settings.timezone)


def day_in_zone(rfc3339: str) -> date:
    """The calendar day of an instant in the API's notation."""
    return day_of(fmt.seconds(rfc3339), zone())


def first_month() -> date:
    """The first day of the first month with MRR."""
    found = view(views.History(("mrr",), end=last_day()), ALL)
    return date.fromisoformat(found.points[0].date).replace(day=1)


def first_day(months: int) -> date:
    """The first day of `months` months of which the last is the one the numbers stand for."""
    return add_months(last_day().replace(day=1), 1 - months)


def answer(view: AnyView[A], product: str, *, at: date | None = None) -> A:
    """As `view`, with lists that wait for the past empty and the reason in `undefined`."""
    policy, as_of = selection()
    return _ask(view, product, at or as_of, policy).value


def view(view: AnyView[A], product: str, *, at: date | None = None) -> A:
    """What a view answers under the sidebar's selection; `at` is another day than the selected one.

    Raises NotToldYet for a list that waits for the past.
    """
    found = answer(view, product, at=at)
    undefined: dict[str, str] = getattr(found, "undefined", None) or {}
    waiting = [why for field, why in undefined.items() if getattr(found, field, None) == []]
    if waiting:
        raise NotToldYet(fmt.sentence(waiting[0]))
    return found
