"""Why our MRR differs from Stripe's own figure: one step per convention, with the subscriptions behind it."""

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Spans, State
from eqho.metrics.query import Scene
from eqho.metrics.rows import BridgeRow


def bridge_rows(scene: Scene) -> list[BridgeRow]:
    """From list MRR to the `eqho` total, and on to the `stripe` total.

    Amounts are major units; every row but the totals is a change, so the rows add up.
    """
    spans = scene.recorded
    here = spans.where((spans.start <= scene.at) & (scene.at < spans.end))
    counted, given = here.in_mrr, here.state == State.FREE_PERIOD
    repeating = here.net_stripe - here.net_eqho
    forever = here.list_mrr - here.net_stripe
    requested = here.requested <= scene.at
    steps = [
        ("List MRR", here.list_mrr, here.list_mrr != 0),
        ("Forever coupons", -forever, forever != 0),
        ("Repeating coupons", -repeating, repeating != 0),
        ("Paused subscriptions", np.where(counted | given, 0, -here.net_eqho), ~counted & ~given),
        ("Free periods", np.where(given, -here.net_eqho, 0), given),
        ("eqho", np.where(counted, here.net_eqho, 0), counted & (here.net_eqho > 0)),
        ("Repeating coupons are not subtracted", np.where(counted, repeating, 0), counted & (repeating != 0)),
        (
            "Cancellation counts when it is requested",
            np.where(counted & requested, -here.net_stripe, 0),
            counted & requested,
        ),
        ("stripe", np.where(counted & ~requested, here.net_stripe, 0), counted & ~requested),
    ]
    return [
        BridgeRow(step, scene.money(int(amounts.sum())), _subscriptions(here, mask))
        for step, amounts, mask in steps
    ]


def _subscriptions(spans: Spans, mask: npt.NDArray[np.bool_]) -> list[str]:
    codes = np.unique(spans.subscription[mask])
    return sorted(spans.names["subscription"][code] for code in codes)
