"""Cash by period: what was paid and given back, what failed and was recovered, and what is waited for."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eqho.ledger.cash import Flow
from eqho.ledger.spans import Ints
from eqho.metrics.cash_worth import at_instant, coded, on_their_days
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.retention import ratio
from eqho.metrics.rows import AgeRow, CashApart, CashRow, FailedPayment, RenewalRow
from eqho.metrics.worth import Rates
from eqho.money import MRR_SCALE, major
from eqho.periods import DAY, Period, day_of
from eqho.products import ALL

NO_INVOICE = "Stripe's {} name no invoice: they are known for all products together only"
NOTHING_FAILED = "no invoice failed in the period"
NOT_READ = "{} are not read: see the data issues"
NOT_FOR_THE_PAST = "the next bills are known for today only"
AGES = ((0, "up to 30 days"), (30, "31 to 60 days"), (60, "61 to 90 days"), (90, "over 90 days"))
"""Days since an invoice was due: from, and what that is called."""
NEXT_DAYS = 30


def cash_rows(scene: Scene, spanned: Sequence[Period], undefined: Undefined) -> list[CashRow]:
    """One row a period; money in major units.

    Payments count when they were made, at the rate of that day, failures and their recovery in the period
    that the invoice is of; a currency without a rate then is in none of them (see `apart`).
    Consecutive periods must follow each other without a gap.
    """
    if not spanned:
        return []
    paid, refunded, credited, disputed, failed_amount, recovered_amount = (
        _amounts(scene, spanned, flow)
        for flow in (
            Flow.PAID,
            Flow.REFUNDED,
            Flow.CREDITED,
            Flow.DISPUTED,
            Flow.FAILED,
            Flow.RECOVERED,
        )
    )
    no_refunds, no_credits, no_disputes = (
        _unknown(scene, kind, called, names_invoice=kind == "credit_note")
        for kind, called in (("refund", "refunds"), ("credit_note", "credit notes"), ("dispute", "disputes"))
    )
    failed, recovered = (_documents(scene, spanned, flow) for flow in (Flow.FAILED, Flow.RECOVERED))
    usage = _usage(scene, spanned)
    return [
        CashRow(
            period=period.label,
            paid=_money(scene, paid[i]),
            refunded=undefined.unless(
                f"rows.{i}.refunded", None if no_refunds else _money(scene, refunded[i]), no_refunds
            ),
            credited=undefined.unless(
                f"rows.{i}.credited", None if no_credits else _money(scene, credited[i]), no_credits
            ),
            disputed=undefined.unless(
                f"rows.{i}.disputed", None if no_disputes else _money(scene, disputed[i]), no_disputes
            ),
            failed=int(failed[i]),
            failed_amount=_money(scene, failed_amount[i]),
            recovered=int(recovered[i]),
            recovered_amount=_money(scene, recovered_amount[i]),
            recovery_rate=undefined.unless(
                f"rows.{i}.recovery_rate", ratio(int(recovered[i]), int(failed[i])), NOTHING_FAILED
            ),
            usage_revenue=_money(scene, usage[i]),
            running=period.is_open(scene.at),
            **outstanding(scene, period.sample(scene.at)),
        )
        for i, period in enumerate(spanned)
    ]


def _unknown(scene: Scene, kind: str, called: str, *, names_invoice: bool) -> str:
    """Why amounts of a kind of object are not known, "" where they are."""
    if kind in scene.unread:
        return NOT_READ.format(called)
    return "" if names_invoice or scene.product == ALL else NO_INVOICE.format(called)


def apart(scene: Scene, spanned: Sequence[Period]) -> list[CashApart]:
    """What is in no total for want of a rate, in major units of its own currency: paid in the periods, and
    open at the scene's instant."""
    if not spanned:
        return []
    cash, found = scene.ledger.cash, []
    waits, settled = (_known(scene, flow, scene.at) for flow in (Flow.OUTSTANDING, Flow.SETTLED))
    within = (cash.at >= spanned[0].start) & (cash.at < spanned[-1].end)
    paid = _known(scene, Flow.PAID, scene.at) & within & ~scene.cash_worths.told
    for code, currency in enumerate(cash.names["currency"]):
        mine = cash.currency == code
        received = int(cash.amount[paid & mine].sum())
        waiting = 0
        if scene.cash_rates.factor(code, scene.at) is None:
            waiting = int(cash.amount[waits & mine].sum() - cash.amount[settled & mine].sum())
        if received or waiting:
            amounts = (major(amount * MRR_SCALE, currency) for amount in (received, waiting))
            found.append(CashApart(currency.upper(), *amounts))
    return found


def outstanding(scene: Scene, at: int) -> dict[str, float]:
    """{open, overdue} at an instant and its rates, major units. An invoice without a day it is due by is due
    at once."""
    amounts, due = _waited_for(scene, at)
    return {
        "open": _money(scene, int(amounts.sum())),
        "overdue": _money(scene, int(amounts[due <= at].sum())),
    }


def ages(scene: Scene) -> list[AgeRow]:
    """What is overdue at the scene's instant, by the days since it was due."""
    amounts, due = _waited_for(scene, scene.at)
    late = due <= scene.at
    starts = [start for start, _ in AGES]
    age = np.searchsorted(starts, (scene.at - due[late]) / DAY, side="left").clip(1) - 1
    sums = np.zeros(len(AGES), dtype=np.int64)
    np.add.at(sums, age, amounts[late])
    return [AgeRow(name, _money(scene, int(amount))) for (_, name), amount in zip(AGES, sums, strict=True)]


def _waited_for(scene: Scene, at: int) -> tuple[Ints, Ints]:
    """(signed units at the instant's rates, the instant due) of what was asked for and settled by `at`."""
    cash = scene.ledger.cash
    asked, settled = _known(scene, Flow.OUTSTANDING, at), _known(scene, Flow.SETTLED, at)
    amounts = np.concatenate([cash.amount[asked], -cash.amount[settled]])
    currency = np.concatenate([cash.currency[asked], cash.currency[settled]])
    worth = at_instant(amounts, currency, at, scene.cash_rates).units
    return worth, np.concatenate([cash.at[asked], cash.at[settled]])


def renewals(scene: Scene, undefined: Undefined) -> list[RenewalRow]:
    """Those of the next 30 days, soonest first, at the rates of the scene's instant."""
    if scene.at != scene.ledger.now:
        undefined["renewals"] = NOT_FOR_THE_PAST
        return []
    until = scene.at + NEXT_DAYS * DAY
    found = [
        renewal
        for renewal in scene.ledger.renewals
        if renewal.at <= until and scene.product in (ALL, renewal.line)
    ]
    currency, names = coded([renewal.currency for renewal in found])
    amounts = np.array([renewal.amount for renewal in found], dtype=np.int64)
    units, told = at_instant(amounts, currency, scene.at, _rates(scene, names))
    return [
        RenewalRow(
            customer=renewal.customer,
            name=scene.ledger.customers[renewal.customer].name,
            product=renewal.line,
            date=day_of(renewal.at, scene.zone).isoformat(),
            amount=_money(scene, units[i]),
        )
        for i, renewal in sorted(enumerate(found), key=lambda one: (one[1].at, one[1].customer, one[1].line))
        if told[i]
    ]


def failed_payments(scene: Scene, since: int) -> list[FailedPayment]:
    """The invoices whose payment was first tried in vain from `since` on, oldest
    first; one that bills several product lines is one row."""
    cash = scene.ledger.cash
    rows = _rows(scene, Flow.FAILED) & (cash.at >= since)
    documents, place = np.unique(cash.document[rows], return_inverse=True)
    amounts, at = np.zeros(len(documents), dtype=np.int64), np.zeros(len(documents), dtype=np.int64)
    np.add.at(amounts, place, scene.cash_worths.units[rows])
    at[place] = cash.at[rows]
    return [
        FailedPayment(
            date=day_of(int(at[i]), scene.zone).isoformat(),
            at=int(at[i]),
            amount=_money(scene, amounts[i]),
        )
        for i in np.argsort(at, kind="stable")
    ]


def recovery_rate(scene: Scene, period: Period) -> float | None:
    """Of the invoices of the period that failed, the share that was paid later."""
    return ratio(*recovered_of(scene, period))


def recovered_of(scene: Scene, period: Period) -> tuple[int, int]:
    """(invoices of the period that failed and were paid later, all that failed)."""
    failed, recovered = (int(_documents(scene, [period], flow)[0]) for flow in (Flow.FAILED, Flow.RECOVERED))
    return recovered, failed


def _amounts(scene: Scene, spanned: Sequence[Period], flow: Flow) -> Ints:
    """Units by period."""
    rows = _rows(scene, flow)
    return _summed(scene.ledger.cash.at[rows], scene.cash_worths.units[rows], spanned)


def _documents(scene: Scene, spanned: Sequence[Period], flow: Flow) -> Ints:
    """Invoices by period; one that bills several lines counts once."""
    cash, rows = scene.ledger.cash, _rows(scene, flow)
    _, first = np.unique(cash.document[rows], return_index=True)
    return _summed(cash.at[rows][first], np.ones(len(first), dtype=np.int64), spanned)


def _usage(scene: Scene, spanned: Sequence[Period]) -> Ints:
    """Units by period."""
    billed = [
        usage for usage in scene.ledger.usage if scene.product in (ALL, usage.line) and usage.at <= scene.at
    ]
    at = np.array([usage.at for usage in billed], dtype=np.int64)
    amounts = np.array([usage.amount for usage in billed], dtype=np.int64)
    currency, names = coded([usage.currency for usage in billed])
    return _summed(at, on_their_days(amounts, currency, at, _rates(scene, names)).units, spanned)


def usage_between(scene: Scene, first: Period, last: Period) -> int:
    """Units billed for usage from the one period to the other."""
    whole = Period("", first.first, last.last, first.start, last.end)
    return int(_usage(scene, [whole])[0])


def _rates(scene: Scene, names: list[str]) -> Rates:
    return Rates(scene.exchange, names, scene.currency, scene.zone)


def _rows(scene: Scene, flow: Flow) -> npt.NDArray[np.bool_]:
    """Those known at the scene's instant that have a rate on their day."""
    return _known(scene, flow, scene.at) & scene.cash_worths.told


def _known(scene: Scene, flow: Flow, at: int) -> npt.NDArray[np.bool_]:
    """Those of the product that were known by an instant, in every currency."""
    cash = scene.ledger.cash
    rows: npt.NDArray[np.bool_] = (cash.flow == flow) & (cash.known <= at)
    if scene.product != ALL:
        names = cash.names["line"]
        rows &= cash.line == (names.index(scene.product) if scene.product in names else -1)
    return rows


def _summed(at: Ints, amounts: Ints, spanned: Sequence[Period]) -> Ints:
    sums = np.zeros(len(spanned), dtype=np.int64)
    place = np.searchsorted([period.start for period in spanned], at, side="right") - 1
    inside = (place >= 0) & (at < spanned[-1].end)
    np.add.at(sums, place[inside], amounts[inside])
    return sums


def _money(scene: Scene, units: int) -> float:
    return scene.money(int(units))
