"""One customer's MRR through time: every stretch, what it rests on, and the steps of each product line."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Evidence, State
from eqho.metrics.customer_rows import CustomerHistory, LineSteps, Stretch
from eqho.metrics.customers import name_of, plan_name
from eqho.metrics.query import Scene
from eqho.money import major
from eqho.periods import rfc3339
from eqho.products import ALL

_DASHBOARD_LIST = "customers/"


class _Worth(NamedTuple):
    line: str
    currency: str
    start: int
    end: int
    mrr: int


def customer_history(scene: Scene, customer: str) -> CustomerHistory | None:
    """None where the product has no such customer.

    `spans`: every stretch of the product up to the instant.
    """
    ledger = scene.ledger
    code = ledger.spans.code("customer", customer)
    mine = _mine(scene, code)
    if not mine.any() and customer not in {fact.customer for fact in scene.facts}:
        return None
    rows = _rows(scene, mine)
    url = ledger.customer_url
    return CustomerHistory(
        customer=customer,
        name=name_of(ledger, customer),
        stripe_url=url + customer if url else None,
        steps=_steps((worth for worth, _ in rows), scene.at),
        spans=[row for _, row in sorted(rows, key=lambda r: r[0].start, reverse=True)],
    )


def _mine(scene: Scene, code: int) -> npt.NDArray[np.bool_]:
    """The customer's spans of the product that have begun, in every currency."""
    spans = scene.counted
    mine: npt.NDArray[np.bool_] = (spans.customer == code) & (spans.start <= scene.at)
    if scene.product != ALL:
        mine &= spans.line == spans.code("line", scene.product)
    return mine


def _rows(scene: Scene, mine: npt.NDArray[np.bool_]) -> list[tuple[_Worth, Stretch]]:
    ledger, spans = scene.ledger, scene.counted
    names = spans.names
    invoices = ledger.customer_url.removesuffix(_DASHBOARD_LIST)
    rows = []
    for i in np.flatnonzero(mine & (spans.end > spans.start)):
        state = State(spans.state[i])
        mrr = 0 if state >= State.PAUSED else int(spans.mrr[i])
        currency, line = names["currency"][spans.currency[i]], names["line"][spans.line[i]]
        start, end, invoice = int(spans.start[i]), int(spans.end[i]), names["invoice"][spans.invoice[i]]
        plan = plan_name(ledger, names["product"][spans.product[i]], names["price"][spans.price[i]])
        row = Stretch(
            subscription=names["subscription"][spans.subscription[i]],
            line=line,
            plan=plan,
            quantity=float(spans.quantity[i]),
            currency=currency,
            list_mrr=major(int(spans.list_mrr[i]), currency),
            mrr=major(mrr, currency),
            state=state.name.lower(),
            start=rfc3339(start),
            end=rfc3339(end) if end <= scene.at else None,
            evidence=Evidence(spans.evidence[i]).name.lower(),
            inferred=bool(spans.inferred[i]),
            invoice=invoice or None,
            invoice_url=f"{invoices}invoices/{invoice}" if invoices and invoice else None,
        )
        rows.append((_Worth(line, currency, start, end, mrr), row))
    return rows


def _steps(stretches: Iterable[_Worth], at: int) -> list[LineSteps]:
    """Lines of one currency share their instants, so that they can be stacked."""
    by_currency: dict[str, list[_Worth]] = defaultdict(list)
    for stretch in stretches:
        by_currency[stretch.currency].append(stretch)
    found = []
    for currency, mine in sorted(by_currency.items()):
        changes = {s.start for s in mine} | {s.end for s in mine if s.end <= at}
        instants = sorted(changes | {at})
        for line in sorted({s.line for s in mine}):
            amounts = [
                sum(s.mrr for s in mine if s.line == line and s.start <= instant < s.end)
                for instant in instants
            ]
            found.append(
                LineSteps(
                    currency,
                    line,
                    [rfc3339(instant) for instant in instants],
                    [major(amount, currency) for amount in amounts],
                )
            )
    return found
