"""Currencies without an exchange rate: shown apart, never added raw."""

from collections.abc import Iterable

import numpy as np

from eqho.issues import Issue
from eqho.metrics.exchange import OLDEST
from eqho.metrics.query import Scene
from eqho.money import major, minor_digits
from eqho.periods import day_of
from eqho.products import ALL

CURRENCY_APART = "currency_apart"


def as_entered(found: Iterable[Issue], scene: Scene) -> tuple[Issue, ...]:
    """The issues of a build, with the currencies that stand apart at the scene's instant, under the rates
    entered by now: they may have come since the build."""
    others = [issue for issue in found if issue.code != CURRENCY_APART]
    return (*others, *apart(scene.of(ALL)))


def apart(scene: Scene) -> list[Issue]:
    """One issue per other currency that has MRR and no rate at the scene's instant; its subjects are the
    customers."""
    found = []
    for code, currency in enumerate(scene.ledger.spans.names["currency"]):
        if scene.rates.factor(code, scene.at) is not None:
            continue
        book = scene.book_of(scene.product, currency)
        balance = book.scope.balance(scene.at)
        mrr, customers = int(balance.sum()), [book.names[code] for code in np.flatnonzero(balance)]
        if mrr:
            amount = f"{major(mrr, currency):,.{minor_digits(currency)}f} {currency.upper()}"
            message = f"{amount} of MRR is shown apart and is in no total: {_why(scene, currency)}."
            found.append(Issue(CURRENCY_APART, message, tuple(customers)))
    return found


def _why(scene: Scene, currency: str) -> str:
    into, today = scene.currency.upper(), day_of(scene.at, scene.zone)
    latest = scene.exchange.last_day(currency, today)
    if latest is None:
        return f"there is no exchange rate to {into}"
    return f"the latest exchange rate to {into} is of {latest}, more than {OLDEST} days before {today}"
