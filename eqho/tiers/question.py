"""What is asked of a build: a view with its arguments, of which product, as of when, under which policy."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct

from eqho.history.records import Archive
from eqho.metrics.query import Scene

A = TypeVar("A", bound=Struct)


@dataclass(frozen=True)
class AnyView(Generic[A]):
    """The fields of a view are its arguments. `name` is what statistics and logs call it, `answers` the
    struct it answers."""

    name: ClassVar[str]
    answers: ClassVar[type[Struct]]

    @property
    def of_period(self) -> str:
        """The label of the one period it is of, "" where it is of none."""
        return ""

    @property
    def arguments(self) -> str:
        """As `kind=churn&period=2026-10`, without those that nobody gave."""
        given = ((one.name, getattr(self, one.name)) for one in fields(self))
        return "&".join(f"{name}={_text(value)}" for name, value in given if value is not None)


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True)
class View(AnyView[A], ABC):
    """Answered by the build alone."""

    @abstractmethod
    def answer(self, scene: Scene) -> A:
        """Raises BadArgument."""


@dataclass(frozen=True)
class RecordedView(AnyView[A], ABC):
    """Answered by the build beside stored records: it may be another one after a month was frozen."""

    @abstractmethod
    def answer_beside(self, archive: Archive, scene: Scene) -> A:
        """Raises BadArgument, StoreError."""


@dataclass(frozen=True)
class Question(Generic[A]):
    """`as_of` is a day whose end is meant, None now; `policy` "" is the configured one."""

    view: AnyView[A]
    product: str
    as_of: date | None = None
    policy: str = ""

    @property
    def label(self) -> str:
        """As statistics and logs print it, e.g. `metrics:towpilot`."""
        words: Iterable[str] = (str(self.as_of or ""), self.policy, self.view.arguments)
        return ":".join([self.view.name, self.product.replace("-", "_"), *(word for word in words if word)])
