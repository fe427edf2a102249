"""What must hold in every build, exactly: checked before it is published."""

import numpy as np

from eqho.metrics.movements import movements
from eqho.metrics.query import Scene
from eqho.periods import closed_months
from eqho.products import ALL


def violations(scene: Scene, months: int = 13) -> list[str]:
    """A sentence for each identity that does not hold; [] for a sound build. `scene` is of all products."""
    found = []
    spans = scene.ledger.spans
    if (np.minimum(np.minimum(spans.list_mrr, spans.net_eqho), spans.net_stripe) < 0).any():
        found.append("a span has negative MRR")
    if (spans.end <= spans.start).any():
        found.append("a span ends before it starts")
    books = {ALL: scene.book, **{product: scene.book_of(product) for product in scene.lines.keys}}
    lines_total = sum(books[key].scope.total(scene.at) for key in scene.lines.keys)
    if lines_total != scene.mrr:
        found.append("the product lines do not sum to the total")
    window = closed_months(scene.at + 1, months, scene.zone)
    for product, book in books.items():
        for row in movements(book, window, scene.at):
            counts = row.counts
            arrived = counts["new"] + counts["reactivation"] + counts["entering"]
            gone = counts["churn"] + counts["leaving"]
            if row.start + row.net + row.fx != row.end:
                found.append(f"the movements of {product} in {row.period.label} do not add up")
            if row.customers_start + arrived - gone != row.customers_end:
                found.append(f"the customers of {product} in {row.period.label} do not add up")
    return found
