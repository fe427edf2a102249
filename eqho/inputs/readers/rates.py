"""Rates in the layout of the European Central Bank's history: days down, currencies across, `N/A` where a day
has none. All are units for one euro, so the euro itself is 1."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from eqho.inputs.readers.frames import read_frame
from eqho.inputs.readers.numbers import decimal_mark, number_of
from eqho.money import known_currencies

BASE = "EUR"
_NONE = frozenset(("", "N/A", "-"))
LARGEST = 20_000_000


class Wanted(NamedTuple):
    """Which rates of a long history are of use: upper-case codes, and the first day."""

    currencies: Collection[str]
    since: date


def read_rates(name: str, data: bytes, wanted: Wanted) -> list[dict[str, Any]] | None:
    """Rows {date, currency, rate} of the wanted currencies, with 1 for the euro on each day; None where the
    file has another layout. What is no number stays as it is: the check of the rows names it. Raises
    UnreadableFile."""
    frame, semicolons = read_frame(name, data, largest=LARGEST)
    titles = list(frame.columns)
    codes = {title: place for place, title in enumerate(titles) if title.lower() in known_currencies()}
    if titles[0].casefold() != "date" or not codes:
        return None
    places = {code.upper(): place for code, place in codes.items() if code.upper() in wanted.currencies}
    if not places:
        return []
    rows: list[dict[str, Any]] = []
    lines = frame.to_numpy().tolist()
    told = (line[place] for line in lines for place in places.values())
    mark = decimal_mark(told, semicolons=semicolons)
    for line in lines:
        day = str(line[0])[:10]
        if day < wanted.since.isoformat():
            continue
        found = [
            {"date": day, "currency": code, "rate": number_of(line[place], mark)}
            for code, place in places.items()
            if line[place] not in _NONE
        ]
        if found and BASE not in places:
            found.append({"date": day, "currency": BASE, "rate": number_of("1")})
        rows += found
    return rows
