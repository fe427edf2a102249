"""What can go wrong between us and Stripe, chosen one by one or at random."""

import random
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, get_args

Fault = Literal[
    "429", "429 retry-after", "409", "500", "503",
    "502 html", "truncated", "not json", "reset", "timeout", "repeat",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = get_args(Fault)
Refusal = Literal["400", "401", "403", "404 html", "403 html", "lock_timeout", "silent"]
"""What does not pass by asking again."""


@dataclass
class _Planned:
    fault: Fault | Refusal
    path: str
    times: int


class Faults:
    """Faults to come: those planned for a path first, then a random share of all requests.

    `largest_page` holds, by the path of a list, how many objects a page may have to arrive, and what becomes
    of larger ones; `poisoned` by id what becomes of every answer that holds the object, `poisoned_lists` of
    every list that does.
    """

    def __init__(self) -> None:
        self.seen: Counter[Fault | Refusal] = Counter()
        self.largest_page: dict[str, tuple[int, Fault | Refusal]] = {}
        self.poisoned: dict[str, Fault | Refusal] = {}
        self.poisoned_lists: dict[str, Fault | Refusal] = {}
        self._planned: list[_Planned] = []
        self._share = 0.0
        self._choice = FAULTS
        self._random = random.Random(1)
        self._lock = threading.Lock()

    def plan(self, fault: Fault | Refusal, path: str = "/v1/", times: int = 1) -> None:
        """The next `times` requests whose path begins with `path` fail so."""
        self._planned.append(_Planned(fault, path, times))

    def at_random(self, share: float, seed: int, choice: tuple[Fault, ...] = FAULTS) -> None:
        self._share, self._choice, self._random = share, choice, random.Random(seed)

    def clear(self) -> None:
        self._planned.clear()
        self._share = 0.0

    def of_answer(self, found: Any) -> Fault | Refusal | None:
        """What becomes of an answer because of what it holds."""
        is_list = found.get("object") == "list"
        fatal = self.poisoned | self.poisoned_lists if is_list else self.poisoned
        fates = (fatal.get(body.get("id")) for body in (found["data"] if is_list else (found,)))
        fault = next((fate for fate in fates if fate), None)
        if fault:
            self.seen[fault] += 1
        return fault

    def next(self, path: str, limit: int = 1) -> Fault | Refusal | None:
        with self._lock:
            largest, fate = self.largest_page.get(path, (limit, None))
            fault = fate if limit > largest else self._next(path)
            if fault:
                self.seen[fault] += 1
            return fault

    def _next(self, path: str) -> Fault | Refusal | None:
        for planned in self._planned:
            if planned.times and path.startswith(planned.path):
                planned.times -= 1
                return planned.fault
        return self._random.choice(self._choice) if self._random.random() < self._share else None
