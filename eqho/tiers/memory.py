"""L1: `st.cache_data`, one cache for pages, API and threads."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, NamedTuple

import msgspec
import streamlit as st
from msgspec import Struct

from eqho.tiers.question import A, Question
from eqho.tiers.statistics import TierStatistics


@dataclass(frozen=True)
class Key:
    """A question, and what its answer may depend on beside it."""

    question: Question[Any]
    generation: int
    untold: str = ""
    """Why the past cannot be told yet, "" where it can."""
    entered: str = ""


# Streamlit knows a cached function by its source: two memories in one process share its cache.
_owners = itertools.count()


# `st.cache_data` pickles what it keeps: of bytes that is a copy, of a document it takes longer than all else.
_ENCODER = msgspec.msgpack.Encoder()


@cache
def _decoder(answers: type[Struct]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(Computed[answers])  # type: ignore[valid-type]


class Computed(NamedTuple, Generic[A]):
    """An answer, the tier that gave it, when its build was refreshed (UTC seconds), and that build."""

    value: A
    tier: str
    refreshed_at: int
    build: int


class Memory:
    """Remembers what `compute` gives for `ttl` seconds. The generation is part of the key: raising it leaves
    old values behind even where one is still being computed."""

    def __init__(self, compute: Callable[[Key], Computed[Any]], ttl: int, max_entries: int = 2_000) -> None:
        self.statistics = TierStatistics()
        self._ttl, self._max_entries = ttl, max_entries
        self._stored: dict[Key, float] = {}
        self._lock = threading.Lock()
        self._owner = next(_owners)
        self._computing: dict[str, int] = {}
        asked = self._asked = threading.local()

        # One short string: hashing the arguments is what a look-up costs.
        @st.cache_data(ttl=ttl, max_entries=max_entries, show_spinner=False)
        def remembered(name: str) -> bytes:
            asked.missed = True
            with self._computes(name):
                value = _ENCODER.encode(compute(asked.key))
                self._note(asked.key)
                return value

        self._remembered = remembered

    def get(self, key: Key) -> tuple[Computed[Any], bool]:
        """(what was computed, hit). What `compute` raises is not remembered. Who waits for what another
        thread computes has missed as well."""
        started, asked_at = time.perf_counter(), time.monotonic()
        name = self._name(key)
        waits = name in self._computing
        self._asked.key, self._asked.missed = key, False
        value = _decoder(key.question.view.answers).decode(self._remembered(name))
        # Computed since it was asked for: by another thread, for which this one waited.
        waits = waits or self._stored.get(key, 0.0) > asked_at
        hit = not (waits or self._asked.missed)
        self.statistics.record(hit=hit, seconds=time.perf_counter() - started)
        return value, hit

    def _note(self, key: Key) -> None:
        with self._lock:
            self._stored[key] = time.monotonic()
            while len(self._stored) > self._max_entries:
                del self._stored[next(iter(self._stored))]

    @contextmanager
    def _computes(self, name: str) -> Iterator[None]:
        with self._lock:
            self._computing[name] = self._computing.get(name, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._computing[name] -= 1
                if not self._computing[name]:
                    del self._computing[name]

    def _name(self, key: Key) -> str:
        return f"{self._owner}\n{key}"

    def keys(self, generation: int) -> list[str]:
        """Labels of what is remembered of the current generation."""
        with self._lock:
            oldest = time.monotonic() - self._ttl
            self._stored = {
                key: stored
                for key, stored in self._stored.items()
                if stored > oldest and key.generation == generation
            }
            return sorted(key.question.label for key in self._stored)

    def forget(self, concerned: Callable[[Key], bool]) -> None:
        """Forget the values of the keys that are concerned."""
        with self._lock:
            keys = [key for key in self._stored if concerned(key)]
            for key in keys:
                del self._stored[key]
        for key in keys:
            self._remembered.clear(self._name(key))

    def clear(self) -> int:
        """How many values were forgotten."""
        with self._lock:
            count = len(self._stored)
            self._stored.clear()
        self._remembered.clear()
        return count
