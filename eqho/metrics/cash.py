"""Cash by period: what was paid and given back, and what failed and was recovered."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eqho.ledger.cash import Flow
from eqho.ledger.spans import Ints
from eqho.metrics.query import Document, Scene, Undefined
from eqho.metrics.retention import ratio
from eqho.money import MRR_SCALE
from eqho.periods import Period
from eqho.products import ALL

NO_INVOICE = "Stripe's refunds name no invoice: they are known for all products together only"
NOTHING_FAILED = "no invoice failed in the period"


def cash_rows(scene: Scene, spanned: Sequence[Period], undefined: Undefined) -> list[Document]:
    """Rows {period, paid, refunded, credited, failed, failed_amount, recovered, recovered_amount,
    recovery_rate, usage_revenue, open}; money in major units, failed and recovered are invoices.

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
        {
            "period": period.label,
            "paid": _money(scene, paid[i]),
            "refunded": undefined.unless(
                f"rows.{i}.refunded",
                _money(scene, refunded[i]) if scene.product == ALL else None,
                NO_INVOICE,
            ),
            "credited": _money(scene, credited[i]),
            "failed": int(failed[i]),
            "failed_amount": _money(scene, failed_amount[i]),
            "recovered": int(recovered[i]),
            "recovered_amount": _money(scene, recovered_amount[i]),
            "recovery_rate": undefined.unless(
                f"rows.{i}.recovery_rate", ratio(int(recovered[i]), int(failed[i])), NOTHING_FAILED
            ),
            "usage_revenue": _money(scene, usage[i]),
            "open": period.is_open(scene.at),
        }
        for i, period in enumerate(spanned)
    ]


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


def _rows(scene: Scene, flow: Flow) -> npt.NDArray[np.bool_]:
    cash = scene.ledger.cash
    rows: npt.NDArray[np.bool_] = (cash.flow == flow) & (cash.known <= scene.at)
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
