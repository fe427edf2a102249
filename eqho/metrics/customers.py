"""The customers behind the numbers: lists, and what changed lately."""

from collections import defaultdict
from typing import Any

import numpy as np

from eqho.ledger.build import Ledger, SubscriptionFact
from eqho.ledger.spans import Spans
from eqho.ledger.timeline import State
from eqho.metrics.movements import CustomerChange, customer_changes
from eqho.metrics.scene import Document, Scene
from eqho.periods import DAY, FAR, Period, day_of, rfc3339


def customer_rows(scene: Scene) -> list[Document]:
    """Every customer of the product, largest MRR first, those at 0 included. Money in major units."""
    spans, ledger = scene.spans, scene.ledger
    facts = defaultdict(list)
    for fact in scene.facts:
        facts[fact.customer].append(fact)
    present = {spans.names["customer"][code] for code in np.unique(spans.customer[spans.start <= scene.at])}
    codes = {name: code for code, name in enumerate(ledger.spans.names["customer"])}
    running = _running_by_customer(scene)
    first = scene.book.scope.first()
    url = ledger.customer_url
    rows = []
    for customer in sorted(present | set(facts)):
        code = codes.get(customer, -1)
        mrr = int(scene.balance[code]) if code >= 0 else 0
        since = int(first[code]) if code >= 0 else FAR
        rows.append(
            (
                -mrr,
                {
                    "customer": customer,
                    "name": name_of(ledger, customer),
                    "mrr": scene.money(mrr),
                    "since": rfc3339(since) if since <= scene.at else None,
                    "status": _status(mrr, facts[customer], scene),
                    "lines": running.get(customer, {}).get("line", []),
                    "plans": running.get(customer, {}).get("price", []),
                    "stripe_url": url + customer if url else None,
                    **_outlook(scene, facts[customer], code),
                },
            )
        )
    return [row for _, row in sorted(rows, key=lambda r: (r[0], r[1]["name"], r[1]["customer"]))]


def name_of(ledger: Ledger, customer: str) -> str:
    known = ledger.customers.get(customer)
    return known.name if known else customer


def plan_name(ledger: Ledger, product: str, price: str) -> str:
    name = ledger.products.get(product, product)
    nickname = ledger.price_names.get(price)
    return f"{name} ({nickname})" if nickname else name


def _running_by_customer(scene: Scene) -> dict[str, dict[str, list[str]]]:
    spans: Spans = scene.running_spans(State.ACTIVE, State.PAST_DUE, State.PAUSED)
    names, found = spans.names, dict[str, dict[str, list[str]]]()
    for customer, line, product, price in zip(
        spans.customer, spans.line, spans.product, spans.price, strict=True
    ):
        entry = found.setdefault(names["customer"][customer], {"line": [], "price": []})
        plan = plan_name(scene.ledger, names["product"][product], names["price"][price])
        for key, value in (("line", names["line"][line]), ("price", plan)):
            if value not in entry[key]:
                entry[key].append(value)
    return found


def _status(mrr: int, facts: list[SubscriptionFact], scene: Scene) -> str:
    """What a person would call the customer at the instant."""
    if any(fact in scene.trialing for fact in facts) and not mrr:
        return "trialing"
    if mrr:
        late = any(fact.status == "past_due" and fact.ended is None for fact in facts)
        return "past_due" if late else "active"
    if any(fact.ended is None and fact.status in ("active", "past_due") for fact in facts):
        return "free"
    return "churned"


def _outlook(scene: Scene, facts: list[SubscriptionFact], code: int) -> dict[str, Any]:
    """`at_risk`, `scheduled_churn` (day) and `trial_end` (day)."""
    trials = [f.trial_end for f in facts if f in scene.trialing and f.trial_end is not None]
    endings = [f.ending for f in facts if f.ending is not None and f.ending > scene.at]
    late = scene.running_spans(State.PAST_DUE)
    return {
        "at_risk": bool(code >= 0 and (late.customer == code).any()),
        "scheduled_churn": day_of(min(endings), scene.zone).isoformat() if endings else None,
        "trial_end": day_of(min(trials), scene.zone).isoformat() if trials else None,
    }


def change_row(scene: Scene, change: CustomerChange) -> Document:
    return {
        "customer": change.customer,
        "name": name_of(scene.ledger, change.customer),
        "kind": change.kind,
        "before": scene.money(change.before),
        "after": scene.money(change.after),
        "change": scene.money(change.after - change.before),
    }


def recent_changes(scene: Scene, days: int) -> list[Document]:
    """Net change of each customer over the last `days` days, largest first."""
    since = scene.at - days * DAY
    first, last = day_of(since, scene.zone), day_of(scene.at, scene.zone)
    window = Period(f"{first}/{last}", first, last, since, scene.at + 1)
    rows = []
    for change in customer_changes(scene.book, window, scene.at):
        row = change_row(scene, change)
        code = scene.book.names.index(change.customer)
        row["date"] = _last_change(scene, code, since)
        row["line"] = _line_of(scene, code)
        rows.append(row)
    return rows


def _last_change(scene: Scene, code: int, since: int) -> str | None:
    scope = scene.book.scope
    mine = scope.customer == code
    instants = np.concatenate([scope.start[mine], scope.end[mine]])
    inside = instants[(instants >= since) & (instants <= scene.at)]
    return day_of(int(inside.max()), scene.zone).isoformat() if len(inside) else None


def _line_of(scene: Scene, code: int) -> str:
    """The product line of the customer's largest recent stretch."""
    spans = scene.spans
    mine = spans.where((spans.customer == code) & (spans.start <= scene.at))
    latest = mine.where(mine.end >= min(int(mine.end.max()), scene.at))
    return latest.names["line"][int(latest.line[int(np.argmax(latest.net_eqho))])]
