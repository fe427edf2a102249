"""Currencies without an exchange rate: shown apart, never added raw."""

import numpy as np

from eqho.issues import Issue
from eqho.metrics.query import Scene
from eqho.money import major, minor_digits


def apart(scene: Scene) -> list[Issue]:
    """One issue per other currency that has MRR at the scene's instant; its subjects are the customers."""
    found = []
    for currency in scene.ledger.spans.names["currency"]:
        if currency == scene.currency:
            continue
        book = scene.book_of(scene.product, currency)
        balance = book.scope.balance(scene.at)
        mrr, customers = int(balance.sum()), [book.names[code] for code in np.flatnonzero(balance)]
        if mrr:
            amount = f"{major(mrr, currency):,.{minor_digits(currency)}f} {currency.upper()}"
            message = (
                f"{amount} of MRR is shown apart and is in no total: "
                f"there is no exchange rate to {scene.currency.upper()}."
            )
            found.append(Issue("currency_apart", message, tuple(customers)))
    return found
