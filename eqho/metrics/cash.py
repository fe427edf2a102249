"""Cash by period: what was paid and given back, what failed and was recovered, and what is waited for."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eqho.ledger.cash import Flow
from eqho.ledger.spans import Ints
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.retention import ratio
from eqho.metrics.rows import AgeRow, CashRow, FailedPayment, RenewalRow
from eqho.money import MRR_SCALE
from eqho.periods import DAY, Period, day_of
from eqho.products import ALL

NO_INVOICE = "Stripe's refunds name no invoice: they are known for all products together only"
NOTHING_FAILED = "no invoice failed in the period"
NO_DISPUTES = "Stripe's disputes are not read"
NOT_FOR_THE_PAST = "the next bills are known for today only"
AGES = ((0, "up to 30 days"), (30, "31 to 60 days"), (60, "61 to 90 days"), (90, "over 90 days"))
"""Days since an invoice was due: from, and what that is called."""
NEXT_DAYS = 30


def cash_rows(scene: Scene, spanned: Sequence[Period], undefined: Undefined) -> list[CashRow]:
    """One row a period; money in major units.

    Payments count when they were made, failures and their recovery in the period that the invoice is of.
    Consecutive periods must follow each other without a gap.
    """
    if not spanned:
        return []
    paid, refunded, credited, failed_amount, recovered_amount = (
        _amounts(scene, spanned, flow)
        for flow in (Flow.PAID, Flow.REFUNDED, Flow.CREDITED, Flow.FAILED, Flow.RECOVERED)
    )
    failed, recovered = (_documents(scene, spanned, flow) for flow in (Flow.FAILED, Flow.RECOVERED))
    usage = _usage(scene, spanned)
    return [
        CashRow(
            period=period.label,
            paid=_money(scene, paid[i]),
            refunded=undefined.unless(
                f"rows.{i}.refunded",
                _money(scene, refunded[i]) if scene.product == ALL else None,
                NO_INVOICE,
            ),
            credited=_money(scene, credited[i]),
            disputed=undefined.unless(f"rows.{i}.disputed", None, NO_DISPUTES),
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


def outstanding(scene: Scene, at: int) -> dict[str, float]:
    """{open, overdue} at an instant, major units. An invoice without a day it is due by is due at once."""
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
    """(signed minor units, the instant due) of what was asked for and settled by `at`."""
    cash = scene.ledger.cash
    asked, settled = _rows(scene, Flow.OUTSTANDING, at), _rows(scene, Flow.SETTLED, at)
    amounts = np.concatenate([cash.amount[asked], -cash.amount[settled]])
    return amounts, np.concatenate([cash.at[asked], cash.at[settled]])


def renewals(scene: Scene, undefined: Undefined) -> list[RenewalRow]:
    """Those of the next 30 days, soonest first."""
    if scene.at != scene.ledger.now:
        undefined["renewals"] = NOT_FOR_THE_PAST
        return []
    until = scene.at + NEXT_DAYS * DAY
    found = [
        renewal
        for renewal in scene.ledger.renewals
        if renewal.at <= until and renewal.currency == scene.currency and scene.product in (ALL, renewal.line)
    ]
    return [
        RenewalRow(
            customer=renewal.customer,
            name=scene.ledger.customers[renewal.customer].name,
            product=renewal.line,
            date=day_of(renewal.at, scene.zone).isoformat(),
            amount=_money(scene, renewal.amount),
        )
        for renewal in sorted(found, key=lambda one: (one.at, one.customer, one.line))
    ]


def failed_payments(scene: Scene, since: int) -> list[FailedPayment]:
    """The invoices whose payment was first tried in vain from `since` on, oldest
    first; one that bills several product lines is one row."""
    cash = scene.ledger.cash
    rows = _rows(scene, Flow.FAILED) & (cash.at >= since)
    documents, place = np.unique(cash.document[rows], return_inverse=True)
    amounts, at = np.zeros(len(documents), dtype=np.int64), np.zeros(len(documents), dtype=np.int64)
    np.add.at(amounts, place, cash.amount[rows])
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
    failed, recovered = (int(_documents(scene, [period], flow)[0]) for flow in (Flow.FAILED, Flow.RECOVERED))
    return ratio(recovered, failed)


def _amounts(scene: Scene, spanned: Sequence[Period], flow: Flow) -> Ints:
    """Minor units by period."""
    rows = _rows(scene, flow)
    return _summed(scene.ledger.cash.at[rows], scene.ledger.cash.amount[rows], spanned)


def _documents(scene: Scene, spanned: Sequence[Period], flow: Flow) -> Ints:
    """Invoices by period; one that bills several lines counts once."""
    cash, rows = scene.ledger.cash, _rows(scene, flow)
    _, first = np.unique(cash.document[rows], return_index=True)
    return _summed(cash.at[rows][first], np.ones(len(first), dtype=np.int64), spanned)


def _usage(scene: Scene, spanned: Sequence[Period]) -> Ints:
    billed = [
        usage
        for usage in scene.ledger.usage
        if usage.currency == scene.currency and scene.product in (ALL, usage.line) and usage.at <= scene.at
    ]
    at = np.array([usage.at for usage in billed], dtype=np.int64)
    return _summed(at, np.array([usage.amount for usage in billed], dtype=np.int64), spanned)


def _rows(scene: Scene, flow: Flow, at: int | None = None) -> npt.NDArray[np.bool_]:
    """Those known by an instant, by default the scene's."""
    cash = scene.ledger.cash
    rows: npt.NDArray[np.bool_] = (cash.flow == flow) & (cash.known <= (scene.at if at is None else at))
    rows &= cash.currency == _code(cash.names["currency"], scene.currency)
    if scene.product != ALL:
        rows &= cash.line == _code(cash.names["line"], scene.product)
    return rows


def _code(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -1


def _summed(at: Ints, amounts: Ints, spanned: Sequence[Period]) -> Ints:
    sums = np.zeros(len(spanned), dtype=np.int64)
    place = np.searchsorted([period.start for period in spanned], at, side="right") - 1
    inside = (place >= 0) & (at < spanned[-1].end)
    np.add.at(sums, place[inside], amounts[inside])
    return sums


def _money(scene: Scene, minor: int) -> float:
    return scene.money(int(minor) * MRR_SCALE)
