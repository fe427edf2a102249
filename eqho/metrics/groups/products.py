"""`products`: every product line beside the others."""

import numpy as np

from eqho.metrics.document_fields import ProductRow
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.retention import ratio


def products(scene: Scene, undefined: Undefined) -> list[ProductRow]:
    return [_row(scene, undefined, i, key) for i, key in enumerate(scene.lines.keys)]


def _row(scene: Scene, undefined: Undefined, position: int, key: str) -> ProductRow:
    balance = scene.book_of(key).scope.balance(scene.at)
    mrr = int(balance.sum())
    return ProductRow(
        product=key,
        customers=int(np.count_nonzero(balance)),
        mrr=scene.money(mrr),
        share=undefined.unless(f"products.{position}.share", ratio(mrr, scene.mrr), "no MRR"),
    )
