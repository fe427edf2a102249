"""Days and months in a reader's order, as text and as plotly writes them on an axis.

The names of months are looked up here: where a language takes some of them from another table, Babel keeps
what it finds for all languages that share that table, and the next reader would read another's months.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from babel import Locale, localedata

Skeleton = Literal["yMMMd", "yMMM", "MMMd"]
"""Which parts are told; their order and what stands between them is the language's."""

_PART = re.compile(r"'([^']*)'|([yYML]+|d+)|(.)", re.DOTALL)
_DAY_FIRST = re.compile(r"d+([./-]) ?M+\1 ?y+")


def written(day: date, skeleton: Skeleton, locale: Locale) -> str:
    names = month_names(locale)

    def part(letters: str) -> str:
        match letters[0], len(letters):
            case "d", length:
                return f"{day.day:0{length}}"
            case (("M" | "L"), (1 | 2) as length):
                return f"{day.month:0{length}}"
            case (("M" | "L"), _):
                return names[day.month - 1]
            case _:
                return str(day.year)

    return _filled(skeleton, locale, part)


def on_axis(skeleton: Skeleton, locale: Locale) -> str:
    """In the notation of d3, whose names of months are those of `month_names`."""

    def part(letters: str) -> str:
        match letters[0], len(letters):
            case "d", length:
                return "%-d" if length == 1 else "%d"
            case (("M" | "L"), (1 | 2) as length):
                return "%-m" if length == 1 else "%m"
            case (("M" | "L"), _):
                return "%b"
            case _:
                return "%Y"

    return _filled(skeleton, locale, part)


def typed(locale: Locale) -> str:
    """How Streamlit's date fields take a day: `DD.MM.YYYY` where the day comes first, else `YYYY-MM-DD`."""
    first = _DAY_FIRST.fullmatch(re.sub("[\u200e\u200f]", "", locale.date_formats["short"].pattern))
    return f"DD{first[1]}MM{first[1]}YYYY" if first else "YYYY-MM-DD"


@lru_cache(maxsize=64)
def month_names(locale: Locale) -> tuple[str, ...]:
    """The twelve short ones."""
    own: dict[Any, Any] = deepcopy({"months": localedata.load(str(locale))["months"]})
    names = localedata.LocaleDataDict(own)["months"]["format"]["abbreviated"]
    return tuple(names[month] for month in range(1, 13))


def _filled(skeleton: Skeleton, locale: Locale, part: Callable[[str], str]) -> str:
    pattern: str = locale.datetime_skeletons[skeleton].pattern
    return "".join(
        part(letters) if letters else quoted or other for quoted, letters, other in _PART.findall(pattern)
    )
