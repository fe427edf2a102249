"""Where a metric is read: at the scene's instant, or at the end of each period of a range."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from eqho.metrics.course import Course
from eqho.metrics.economics_by_month import MonthlyEconomics, of_scene
from eqho.metrics.movements import Movement, movements
from eqho.metrics.query import Scene
from eqho.metrics.unit_economics import Unit
from eqho.periods import Period


@dataclass(frozen=True)
class Moment:
    """`row` is the period's movement, `now` the instant whose balances are read. `book` None: the scene's
    own instant; else every month that unit economics need. `course` and `place`: the range the period is one
    of, and which one; None where it stands alone."""

    scene: Scene
    row: Movement
    now: int
    book: Callable[[], MonthlyEconomics] | None = None
    course: Course | None = None
    place: int = 0

    @cached_property
    def unit(self) -> Unit:
        """Unit economics."""
        if self.book is None:
            return of_scene(self.scene)
        return self.book().at(self.now, self.row.end, self.row.customers_end)


def running(scene: Scene) -> Moment:
    """The running month, now."""
    return Moment(scene, scene.month, scene.at)


def closed(scene: Scene) -> Moment:
    """The last closed month, seen from now."""
    return Moment(scene, scene.closed[-1], scene.at)


def moments(scene: Scene, spanned: Sequence[Period]) -> Iterator[Moment]:
    """One per period: its end, or now where it is open. Consecutive periods follow each other."""
    if not spanned:
        return
    book = cache(lambda: MonthlyEconomics.before(scene, spanned[0]))
    course = Course.of(scene, spanned)
    for place, row in enumerate(movements(scene.book, spanned, scene.at)):
        yield Moment(scene, row, row.period.sample(scene.at), book, course, place)
