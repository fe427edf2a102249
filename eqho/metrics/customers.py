"""The customers behind the numbers, as they stood at an instant."""

from collections.abc import Mapping, Sequence

from eqho.ledger.build import Ledger
from eqho.ledger.promises import Promise
from eqho.metrics.customer_rows import CustomerRow
from eqho.metrics.query import Scene
from eqho.metrics.standing import Standing
from eqho.periods import FAR, day_of, rfc3339
from eqho.products import ALL


def customer_rows(scene: Scene) -> list[CustomerRow]:
    """Every customer of the product, largest MRR first, those at 0 included. A trial has its lines and
    plans."""
    standing, sold = Standing(scene), _sold(scene)
    promised = _promised(scene)
    rows = [
        _row(scene, standing, customer, sold.get(customer, ([], [])), promised.get(customer, []))
        for customer in standing.everybody
    ]
    return sorted(rows, key=lambda row: (-row.mrr, row.name, row.customer))


def name_of(ledger: Ledger, customer: str) -> str:
    known = ledger.customers.get(customer)
    return known.name if known else customer


def plan_name(ledger: Ledger, product: str, price: str) -> str:
    name = ledger.products.get(product, product)
    nickname = ledger.price_names.get(price)
    return f"{name} ({nickname})" if nickname else name


def _sold(scene: Scene) -> Mapping[str, tuple[list[str], list[str]]]:
    """Lines and plans in service at the instant, by customer."""
    found = dict[str, tuple[list[str], list[str]]]()
    spans = scene.spans.where((scene.spans.start <= scene.at) & (scene.at < scene.spans.ended))
    names = spans.names
    for customer, line, product, price in zip(
        spans.customer, spans.line, spans.product, spans.price, strict=True
    ):
        lines, plans = found.setdefault(names["customer"][customer], ([], []))
        plan = plan_name(scene.ledger, names["product"][product], names["price"][price])
        for kept, value in ((lines, names["line"][line]), (plans, plan)):
            if value not in kept:
                kept.append(value)
    return found


def _promised(scene: Scene) -> Mapping[str, list[Promise]]:
    """The items on trial at the instant, by customer."""
    found = dict[str, list[Promise]]()
    for fact in scene.trialing:
        mine = [one for one in fact.promises if scene.product in (ALL, one.line)]
        found.setdefault(fact.customer, []).extend(mine)
    return found


def _trial_mrr(scene: Scene, promised: Sequence[Promise]) -> float | None:
    worths = [one.worth for one in promised if one.worth and one.currency == scene.currency]
    repeating = scene.policy.repeating_coupons
    units = sum(worth.after_repeating if repeating else worth.after_forever for worth in worths)
    return scene.money(units) if worths else None


def _row(
    scene: Scene,
    standing: Standing,
    customer: str,
    sold: tuple[list[str], list[str]],
    promised: Sequence[Promise],
) -> CustomerRow:
    lines = list(dict.fromkeys([*sold[0], *(one.line for one in promised)]))
    named = (plan_name(scene.ledger, one.product, one.price) for one in promised)
    plans = list(dict.fromkeys([*sold[1], *named]))
    facts = standing.facts.get(customer, [])
    since = standing.since.get(customer, FAR)
    url = scene.ledger.customer_url
    return CustomerRow(
        customer=customer,
        name=name_of(scene.ledger, customer),
        email=scene.ledger.customers[customer].email if customer in scene.ledger.customers else "",
        mrr=scene.money(standing.mrr.get(customer, 0)),
        since=rfc3339(since) if since <= scene.at else None,
        status=standing.status(customer),
        lines=lines,
        plans=plans,
        stripe_url=url + customer if url else None,
        at_risk=customer in standing.late,
        scheduled_churn=_first_day(scene, [f.ending for f in facts if f.ending and f.ending > scene.at]),
        trial_end=_first_day(scene, [f.trial_end for f in facts if f.trial_end and f.id in standing.trials]),
        trial_mrr=_trial_mrr(scene, promised),
    )


def _first_day(scene: Scene, instants: Sequence[int]) -> str | None:
    return day_of(min(instants), scene.zone).isoformat() if instants else None
