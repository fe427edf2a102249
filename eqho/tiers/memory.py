"""L1: `st.cache_data`, one cache for pages, API and threads."""

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from eqho.tiers.statistics import TierStatistics


class Key(NamedTuple):
    """Short strings and a number: what `st.cache_data` hashes fastest."""

    view: str
    product: str
    as_of: str
    policy: str
    arguments: str
    generation: int

    @property
    def label(self) -> str:
        """As statistics and logs print it, e.g. `metrics:towpilot`."""
        words = [self.view, self.product.replace("-", "_")]
        return ":".join([*words, *(w for w in (self.as_of, self.policy, self.arguments) if w)])


# Streamlit knows a cached function by its source: two memories in one process share its cache.
_owners = itertools.count()


class Memory:
    """Remembers what `compute` gives for `ttl` seconds. The generation is part of the key: raising it leaves
    old values behind even where one is still being computed."""

    def __init__(self, compute: Callable[[Key], Any], ttl: int, max_entries: int = 2_000) -> None:
        self.statistics = TierStatistics()
        self._ttl, self._max_entries = ttl, max_entries
        self._stored: dict[Key, float] = {}
        self._lock = threading.Lock()
        self._owner = next(_owners)
        missed = self._missed = threading.local()

        @st.cache_data(ttl=ttl, max_entries=max_entries, show_spinner=False)
        def remembered(
            owner: int, view: str, product: str, as_of: str, policy: str, arguments: str, generation: int
        ) -> Any:
            missed.now = True
            return compute(Key(view, product, as_of, policy, arguments, generation))

        self._remembered = remembered

    def get(self, key: Key) -> tuple[Any, bool]:
        """(value, hit). What `compute` raises is not remembered."""
        started = time.perf_counter()
        self._missed.now = False
        value = self._remembered(self._owner, *key)
        hit = not self._missed.now
        self.statistics.record(hit=hit, seconds=time.perf_counter() - started)
        if not hit:
            with self._lock:
                self._stored[key] = time.monotonic()
                while len(self._stored) > self._max_entries:
                    del self._stored[next(iter(self._stored))]
        return value, hit

    def keys(self, generation: int) -> list[str]:
        """Labels of what is remembered of the current generation."""
        with self._lock:
            oldest = time.monotonic() - self._ttl
            self._stored = {
                key: stored
                for key, stored in self._stored.items()
                if stored > oldest and key.generation == generation
            }
            return sorted(key.label for key in self._stored)

    def forget(self, concerned: Callable[[Key], bool]) -> None:
        """Forget the values of the keys that are concerned."""
        with self._lock:
            keys = [key for key in self._stored if concerned(key)]
            for key in keys:
                del self._stored[key]
        for key in keys:
            self._remembered.clear(self._owner, *key)

    def clear(self) -> int:
        """How many values were forgotten."""
        with self._lock:
            count = len(self._stored)
            self._stored.clear()
        self._remembered.clear()
        return count
