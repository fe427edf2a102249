"""Series: one field for each metric that can be charted, as the definitions have them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from eqho.metrics.definitions import METRICS, SERIES
from eqho.metrics.rows import Waiting


def _of_unit(slug: str) -> object:
    return int | None | UnsetType if METRICS[slug].unit == "count" else float | None | UnsetType


def shape_of_points(series: Sequence[str]) -> type[Struct]:
    """A field for each metric, left out where it is not asked for."""
    return msgspec.defstruct(
        "Point",
        [("date", str), *((slug, _of_unit(slug), UNSET) for slug in series), ("open", bool, False)],
        frozen=True,
        namespace={"__doc__": "The metrics asked for at the end of a period, or now where it is open."},
    )


if TYPE_CHECKING:

    class Point(Struct, frozen=True):
        """Only the definitions know which metrics it may have."""

        date: str
        open: bool = False

        def __init__(self, **fields: Any) -> None: ...

        def __getattr__(self, metric: str) -> Any: ...

else:
    Point = shape_of_points(SERIES)


class History(Struct, frozen=True):
    points: list[Point]
    undefined: Waiting = UNSET
