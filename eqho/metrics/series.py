"""Series: metrics at the end of every period of a range, as their definitions compute them."""

from collections.abc import Sequence

from eqho.metrics.definitions import METRICS
from eqho.metrics.history_rows import Point
from eqho.metrics.moment import moments
from eqho.metrics.query import Scene
from eqho.periods import Period


def points(scene: Scene, metrics: Sequence[str], spanned: Sequence[Period]) -> list[Point]:
    """One point per period; `date` is its last day, values are those at its end or, of the open one, now.

    `metrics` are slugs of `definitions.SERIES`. Undefined values are None.
    """
    return [
        Point(
            date=moment.row.period.last.isoformat(),
            **{slug: METRICS[slug].value(moment) for slug in metrics},
            open=moment.row.open,
        )
        for moment in moments(scene, spanned)
    ]
