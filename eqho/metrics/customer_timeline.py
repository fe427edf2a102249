"""One customer's MRR through time: every stretch, what it rests on, and the steps of each product line."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Evidence, State
from eqho.metrics.customers import name_of, plan_name
from eqho.metrics.query import Document, Scene
from eqho.money import major
from eqho.periods import rfc3339
from eqho.products import ALL

_DASHBOARD_LIST = "customers/"


class _Stretch(NamedTuple):
    line: str
    currency: str
    start: int
    end: int
    mrr: int


def customer_history(scene: Scene, customer: str) -> Document | None:
    """None where the product has no such customer.

    `spans`: every stretch of the product up to the instant, newest first, in its own currency, major units;
    `end` is None while it runs; `mrr` is what counts under the policy, 0 while paused.
    `steps`: by currency and line, MRR from each instant `at` on; the last instant is the scene's.
    """
    ledger = scene.ledger
    code = ledger.spans.code("customer", customer)
    mine = _mine(scene, code)
    if not mine.any() and customer not in {fact.customer for fact in scene.facts}:
        return None
    rows = _rows(scene, mine)
    url = ledger.customer_url
    return {
        "customer": customer,
        "name": name_of(ledger, customer),
        "stripe_url": url + customer if url else None,
        "steps": _steps((stretch for stretch, _ in rows), scene.at),
        "spans": [row for _, row in sorted(rows, key=lambda r: r[0].start, reverse=True)],
    }


def _mine(scene: Scene, code: int) -> npt.NDArray[np.bool_]:
    """The customer's spans of the product that have begun, in every currency."""
    spans = scene.counted
    mine: npt.NDArray[np.bool_] = (spans.customer == code) & (spans.start <= scene.at)
    if scene.product != ALL:
        mine &= spans.line == spans.code("line", scene.product)
    return mine


def _rows(scene: Scene, mine: npt.NDArray[np.bool_]) -> list[tuple[_Stretch, Document]]:
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
        row = {
            "subscription": names["subscription"][spans.subscription[i]],
            "line": line,
            "plan": plan,
            "quantity": float(spans.quantity[i]),
            "currency": currency,
            "list_mrr": major(int(spans.list_mrr[i]), currency),
            "mrr": major(mrr, currency),
            "state": state.name.lower(),
            "start": rfc3339(start),
            "end": rfc3339(end) if end <= scene.at else None,
            "evidence": Evidence(spans.evidence[i]).name.lower(),
            "inferred": bool(spans.inferred[i]),
            "invoice": invoice or None,
            "invoice_url": f"{invoices}invoices/{invoice}" if invoices and invoice else None,
        }
        rows.append((_Stretch(line, currency, start, end, mrr), row))
    return rows


def _steps(stretches: Iterable[_Stretch], at: int) -> list[Document]:
    """Lines of one currency share their instants, so that they can be stacked."""
    by_currency: dict[str, list[_Stretch]] = defaultdict(list)
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
                {
                    "currency": currency,
                    "line": line,
                    "at": [rfc3339(instant) for instant in instants],
                    "mrr": [major(amount, currency) for amount in amounts],
                }
            )
    return found
