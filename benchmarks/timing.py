"""Measuring one call many times, and printing what came out."""

import math
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Timing(NamedTuple):
    """Seconds."""

    median: float
    p99: float


def measure(call: Callable[[], object], times: int) -> Timing:
    """Each call by itself, after a few that do not count."""
    for _ in range(min(5, times)):
        call()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    seconds.sort()
    return Timing(seconds[len(seconds) // 2], seconds[math.ceil(0.99 * len(seconds)) - 1])


class Once(NamedTuple):
    """One call: seconds that went by, and seconds of processor time of this process."""

    wall: float
    processor: float

    @property
    def cells(self) -> tuple[str, str]:
        return f"{self.wall:.3f}", f"{self.processor:.3f}"


def once(call: Callable[[], T]) -> tuple[T, Once]:
    """For what takes so long that it is called once."""
    wall, processor = time.perf_counter(), time.process_time()
    value = call()
    return value, Once(time.perf_counter() - wall, time.process_time() - processor)


def milliseconds(timing: Timing) -> tuple[str, str]:
    return f"{timing.median * 1000:.3f}", f"{timing.p99 * 1000:.3f}"


def print_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, labels: int = 1) -> None:
    """A Markdown table: the first `labels` columns are words, the others figures, aligned to the right."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    rule = tuple(
        "-" * width if column < labels else "-" * (width - 1) + ":" for column, width in enumerate(widths)
    )
    for row in (head, rule, *table[1:]):
        cells = (
            cell.ljust(width) if column < labels else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print(f"| {' | '.join(cells)} |")
