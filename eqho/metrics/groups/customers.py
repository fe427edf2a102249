"""`customer_metrics`: how many, at the instant and in the running month."""

import numpy as np

from eqho.metrics.definitions import computed
from eqho.metrics.document_fields import CustomerMetrics
from eqho.metrics.moment import running
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.standing import Standing


def customer_metrics(scene: Scene, undefined: Undefined) -> CustomerMetrics:
    counts = scene.month.counts
    total = int(np.count_nonzero(scene.book.company.balance(scene.at)))
    towpilot = int(np.count_nonzero(scene.book_of("towpilot").scope.balance(scene.at)))
    return CustomerMetrics(
        **computed(running(scene), "customer_metrics", undefined),
        free_customers=len(Standing(scene).free),
        trialing_customers=len({fact.customer for fact in scene.trialing}),
        new=counts["new"],
        reactivated=counts["reactivation"],
        churned=counts["churn"],
        entered=counts["entering"],
        left=counts["leaving"],
        total_customers=total,
        towpilot_customers=towpilot,
        other_customers=total - towpilot,
    )
