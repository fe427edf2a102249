"""What changed since a day, by kind, with the customers behind it; what is at risk and what comes; which
closed months the ledger tells otherwise than they were frozen."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from msgspec import structs

from eqho.ledger.spans import State
from eqho.metrics.customer_rows import CustomerRow
from eqho.metrics.customers import customer_rows, name_of
from eqho.metrics.movements import KINDS, RateChange, customer_changes, gained_by_rates
from eqho.metrics.panel import CountedSpans
from eqho.metrics.query import Scene
from eqho.metrics.recent_changes import recent_changes, window_since
from eqho.metrics.restatements import FrozenMonth, RestatementCause, restatements
from eqho.metrics.rows import ChangedCustomer, ChangeGroup, ChangeRow, Changes
from eqho.money import MRR_SCALE, minor_digits
from eqho.periods import day_of, midnight
from eqho.products import ALL

AHEAD_DAYS = 7
"""How far trials and bills are looked ahead."""
LARGE_BILL = 3
"""Of how many ARPA a bill is large."""
_MONTHS_NAMED = 3
"""Restated months that have a sentence of their own."""
_NAMED = 4
"""Customers that a sentence names."""


def days_since_monday(today: date) -> int:
    """To the last Monday before today: on a Monday the whole week that has passed."""
    return today.weekday() or 7


def week(scene: Scene, days: int, frozen: Iterable[FrozenMonth] = ()) -> Changes:
    """Since the beginning of the day `days` days ago. Money in major units, signed as it moved MRR.

    `groups` are in the order of the movements, then `fx` (what exchange rates made of the opening MRR),
    `at_risk` (MRR that is past due now), `trials` (what those that end in the next 7 days would bring, null
    where no price tells it), `renewals` (bills of the next 7 days of three times ARPA and more) and one
    `restated` for each of the `frozen` months whose MRR is another today, newest first. `sentences` say the
    same.
    """
    window = window_since(scene, days)
    changes = customer_changes(scene.book, window, scene.at)
    before = scene.book.scope.total(window.start - 1)
    rows = recent_changes(scene, days)
    groups: list[ChangeGroup] = []
    for kind in KINDS:
        mine = [row for row in rows if row.kind == kind]
        if mine:
            units = sum(change.after - change.before for change in changes if change.kind == kind)
            groups.append(ChangeGroup(kind, scene.money(units), _moved(mine)))
    if by_rates := gained_by_rates(scene.book, window, scene.at):
        gained = scene.money(sum(change.after - change.before for change in by_rates))
        groups.append(ChangeGroup("fx", gained, [_revalued(scene, change) for change in by_rates]))
    groups += [*_ahead(scene), *_large_bills(scene), *_restated(scene, frozen)]
    answer = Changes(
        since=window.first.isoformat(),
        currency=scene.currency.upper(),
        start=scene.money(before),
        end=scene.money(scene.mrr),
        net=scene.money(scene.mrr - before),
        rows=rows,
        groups=groups,
        sentences=[],
    )
    return structs.replace(answer, sentences=sentences(answer, plain_words(scene.currency)))


def _moved(rows: Iterable[ChangeRow]) -> list[ChangedCustomer]:
    return [ChangedCustomer(row.customer, row.name, row.change) for row in rows]


def _revalued(scene: Scene, change: RateChange) -> ChangedCustomer:
    name = name_of(scene.ledger, change.customer)
    return ChangedCustomer(change.customer, name, scene.money(change.after - change.before))


def _ahead(scene: Scene) -> list[ChangeGroup]:
    rows = customer_rows(scene)
    overdue = scene.spans.running(scene.at, State.PAST_DUE)
    late = _late(scene, overdue, rows)
    today = day_of(scene.at, scene.zone)
    ending = [
        row
        for row in rows
        if row.trial_end and today <= date.fromisoformat(row.trial_end) < today + timedelta(AHEAD_DAYS)
    ]
    found = []
    if late:
        found.append(ChangeGroup("at_risk", scene.money(int(overdue.mrr.sum())), late))
    if ending:
        known = [row.trial_mrr for row in ending if row.trial_mrr is not None]
        total = round(sum(known), minor_digits(scene.currency)) if known else None
        trying = [ChangedCustomer(row.customer, row.name, row.trial_mrr) for row in ending]
        found.append(ChangeGroup("trials", total, trying))
    return found


def _large_bills(scene: Scene) -> list[ChangeGroup]:
    """Of a customer and day together; none for a past instant, whose next bills nobody knows."""
    if scene.at != scene.ledger.now or not scene.customers:
        return []
    today = day_of(scene.at, scene.zone)
    until, bills = midnight(today + timedelta(AHEAD_DAYS), scene.zone), defaultdict[tuple[str, str], int](int)
    for bill in scene.ledger.renewals:
        mine = scene.product in (ALL, bill.line) and bill.currency == scene.currency
        if mine and scene.at < bill.at < until:
            bills[bill.customer, day_of(bill.at, scene.zone).isoformat()] += bill.amount * MRR_SCALE
    large = {key: units for key, units in bills.items() if units * scene.customers >= LARGE_BILL * scene.mrr}
    if not large:
        return []
    rows = [
        ChangedCustomer(customer, name_of(scene.ledger, customer), scene.money(units))
        for (customer, _), units in sorted(large.items(), key=lambda one: (-one[1], one[0]))
    ]
    return [ChangeGroup("renewals", scene.money(sum(large.values())), rows)]


def _restated(scene: Scene, frozen: Iterable[FrozenMonth]) -> list[ChangeGroup]:
    return [
        ChangeGroup("restated", row.difference, _differing(row.causes), row.month)
        for row in restatements(scene, frozen)[::-1]
        if row.metric == "mrr"
    ]


def _differing(causes: Iterable[RestatementCause]) -> list[ChangedCustomer]:
    return [
        ChangedCustomer(cause.customer, cause.name, round(cause.today - cause.frozen, 3)) for cause in causes
    ]


def _late(scene: Scene, overdue: CountedSpans, rows: Iterable[CustomerRow]) -> list[ChangedCustomer]:
    """Customers with MRR that is past due, and how much of theirs it is."""
    owed = np.zeros(len(overdue.names["customer"]), dtype=np.int64)
    np.add.at(owed, overdue.customer, overdue.mrr)
    units = {overdue.names["customer"][code]: int(owed[code]) for code in np.flatnonzero(owed)}
    return [
        ChangedCustomer(row.customer, row.name, scene.money(units[row.customer]))
        for row in rows
        if row.customer in units
    ]


class Words(NamedTuple):
    """How a reader sees amounts (signed where asked), customers (id, name), days, months, and the words that
    stand for all customers of a group. `money` None: a reader who is told no amounts."""

    money: Callable[[float, bool], str] | None
    customer: Callable[[str, str], str]
    day: Callable[[str], str]
    month: Callable[[str], str]
    all_of: Callable[[ChangeGroup, str], str]


def plain_words(currency: str, *, amounts: bool = True) -> Words:
    """`1,150.00 USD`, names as they are, ISO days and months."""
    digits = minor_digits(currency)

    def money(amount: float, signed: bool) -> str:
        return f"{amount:{'+' if signed else ''},.{digits}f} {currency.upper()}"

    return Words(money if amounts else None, lambda _, name: name, str, str, lambda _, said: said)


def sentences(answer: Changes, words: Words) -> list[str]:
    """One on MRR as a whole, then one for each group."""
    start, end, since = answer.start, answer.end, words.day(answer.since)
    if start is None or answer.net is None:  # nobody can tell yet
        return []
    if start == end and not answer.groups:
        return [f"Nothing changed since {since}{_is(end, words)}."]
    restated = [group for group in answer.groups if group.kind == "restated"]
    told = [group for group in answer.groups if group not in restated[_MONTHS_NAMED:]]
    said = [_whole(start, end, answer.net, since, words), *(_sentence(group, words) for group in told)]
    if (more := len(restated) - _MONTHS_NAMED) > 0:
        months = "month is" if more == 1 else "months are"
        said.append(f"{more} more closed {months} restated.")
    return said


def _is(mrr: float, words: Words) -> str:
    return f": MRR is {words.money(mrr, False)}" if words.money else ""


def _whole(start: float, end: float, net: float, since: str, words: Words) -> str:
    if words.money is None:
        went = "rose" if end > start else "fell" if end < start else "is what it was"
        return f"MRR {went} since {since}."
    went = f"from {words.money(start, False)} to {words.money(end, False)}"
    return f"MRR went {went} since {since}: {words.money(net, True)}."


class _Said(NamedTuple):
    """What one customer and several are and did, and how the amount is joined to that."""

    one: str
    several: str
    one_did: str
    several_did: str
    with_one: str
    with_several: str


def _did(what: str, joint: str) -> _Said:
    return _Said("customer", "customers", f" {what}", f" {what}", joint, joint)


_SAID = {
    "new": _Said("new customer", "new customers", "", "", " brings", " bring"),
    "reactivation": _did("came back", " with"),
    "expansion": _did("grew", " by"),
    "entering": _did("came from another product line or a pause", " with"),
    "contraction": _did("shrank", " by"),
    "churn": _Said("customer", "customers", " was lost", " were lost", " with", " with"),
    "leaving": _did("went to another product line or a pause", " with"),
    "fx": _Said(
        "customer",
        "customers",
        " is worth another amount by exchange rates",
        " are worth another amount by exchange rates",
        ", the difference is",
        ", the difference is",
    ),
    "at_risk": _Said("customer", "customers", " is past due", " are past due", "; at risk:", "; at risk:"),
    "trials": _Said(
        "trial",
        "trials",
        " ends in the next 7 days",
        " end in the next 7 days",
        " and would bring",
        " and would bring",
    ),
    "renewals": _Said(
        "large bill",
        "large bills",
        " comes in the next 7 days",
        " come in the next 7 days",
        " over",
        " over",
    ),
}


def _sentence(group: ChangeGroup, words: Words) -> str:
    if group.kind == "restated":
        return _restatement(group, words)
    customers, said = group.customers, _SAID[group.kind]
    one = len(customers) == 1
    who = words.all_of(group, f"{len(customers)} {said.one if one else said.several}")
    told = f"{who}{said.one_did if one else said.several_did}"
    if words.money is not None:
        amount = group.amount
        signed = group.kind == "fx"
        known = (
            words.money(amount if signed else abs(amount), signed)
            if amount is not None
            else "an amount that no price tells"
        )
        told += f"{said.with_one if one else said.with_several} {known}"
    return f"{told}: {_named(customers, words, signed=group.kind in KINDS)}."


def _restatement(group: ChangeGroup, words: Words) -> str:
    month = words.all_of(group, words.month(group.period or ""))
    by = f" by {words.money(group.amount, True)}" if words.money and group.amount is not None else ""
    named = f": {_named(group.customers, words, signed=True)}" if group.customers else ""
    return f"{month} is restated{by} since it was frozen{named}."


def _named(customers: Sequence[ChangedCustomer], words: Words, *, signed: bool) -> str:
    named = []
    for one in customers[:_NAMED]:
        amount = one.amount
        known = ""
        if words.money is not None and amount is not None and len(customers) > 1:
            known = f" ({words.money(amount, signed)})"
        named.append(words.customer(one.customer, one.name) + known)
    if len(customers) > _NAMED:
        named.append(f"{len(customers) - _NAMED} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
