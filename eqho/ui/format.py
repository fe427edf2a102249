"""How numbers, dates and names look to the reader: the one place that formats them, and the one that escapes
them. Examples are of English as it is written in the United States."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from eqho.inputs.readers.numbers import Mark, has_two_readings, number_of
from eqho.metrics.definitions import Unit
from eqho.money import minor_digits
from eqho.names import on_one_line
from eqho.ui import date_patterns, reader

UNDEFINED = "—"
MINUS = "−"
_LONE_MINUS = re.compile(rf"{MINUS}(?=[^\s\d])")
_FROM_THE_RIGHT = {"R", "AL"}
_MARKS = re.compile("[\u061c\u200e\u200f]")
"""The interface runs from left to right."""
_DIGITS = re.compile(r"([#,0]*0)(?:\.[#0]+)?")
_SAID = re.compile(r"(?<![\w.,:-])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?![\w.,:-]*\d)(?!\w)")
"""A number as the sentences of the layers below write it."""

# Streamlit makes links of addresses where the backslashes are gone already: these are broken before that.
_ADDRESS = re.compile(r"(https?:|www(?=\.)|@)", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@/])")


def money(amount: float | None, currency: str, *, signed: bool = False) -> str:
    """Major units with all digits of the currency: `$1,234.50`."""
    return _money(amount, currency, minor_digits(currency), signed)


def headline_money(amount: float | None, currency: str, *, signed: bool = False) -> str:
    """As `money`, in whole units from 10,000 on: `$78,432`. For cards, whose help is exact."""
    whole = amount is not None and abs(amount) >= 10_000
    return _money(amount, currency, 0 if whole else minor_digits(currency), signed)


def label_money(amount: float | None, currency: str, *, signed: bool = False) -> str:
    """As `money`, in whole units from 1,000 on: for labels in a chart, whose hover text is exact."""
    whole = amount is not None and abs(amount) >= 1_000
    return _money(amount, currency, 0 if whole else minor_digits(currency), signed)


def short_money(amount: float, currency: str) -> str:
    """`$540`, `$1.9k`, `$3.4M`: for the cells of a heat map, whose hover text is exact."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if abs(amount) >= size:
            return re.sub(r"(\d)(?=\D*$)", rf"\1{unit}", _money(amount / size, currency, 1, signed=False))
    return _money(amount, currency, 0, signed=False)


def _money(amount: float | None, currency: str, digits: int, signed: bool) -> str:
    if amount is None:
        return UNDEFINED
    return _with_sign(amount, _amount(abs(amount), currency.upper(), digits, reader.locale()), signed)


@lru_cache(maxsize=8_192)
def _amount(amount: float, code: str, digits: int, locale: Locale) -> str:
    pattern = _pattern(locale.currency_formats["standard"].pattern, digits)
    # Babel's own number of digits is ISO 4217's, Stripe's differs.
    return _apart(
        _MARKS.sub("", format_currency(amount, code, pattern, locale=locale, currency_digits=False))
    )


def _pattern(standard: str, digits: int) -> str:
    """A language's pattern with so many decimals; what it says of amounts below 0 is left out."""
    fraction = "." + "0" * digits if digits else ""
    return _DIGITS.sub(rf"\g<1>{fraction}", _MARKS.sub("", standard.partition(";")[0]), count=1)


def decimal(number: float | None, digits: int, *, signed: bool = False) -> str:
    if number is None:
        return UNDEFINED
    return _with_sign(number, _decimal(abs(number), digits, reader.locale()), signed)


@lru_cache(maxsize=8_192)
def _decimal(number: float, digits: int, locale: Locale) -> str:
    pattern = _pattern(locale.decimal_formats[None].pattern, digits)
    return str(format_decimal(number, pattern, locale=locale))


def exact(number: Decimal | float) -> str:
    """With all its decimals, and nothing between its thousands: for fields in which it is typed."""
    written = format_decimal(
        Decimal(str(number)), locale=reader.locale(), decimal_quantization=False, group_separator=False
    )
    return str(written)


def typed_number(text: str, *, thousands: bool = True) -> Decimal | str | None:
    """What somebody types or pastes who writes numbers as the reader's language does, or so that they can be
    read in one way only; None where nothing stands, what is no number as it is. Without `thousands` what the
    language would take for some is no number either: a rate of 1.085 is none of 1085."""
    mark: Mark = "," if separators()[0] == "," else "."
    if not thousands and has_two_readings(text) and mark not in text:
        return text
    return number_of(text, mark)


def rate(fraction: float | None, *, signed: bool = False) -> str:
    """A fraction as a percentage with one decimal: 0.0312 is `3.1%`."""
    if fraction is None:
        return UNDEFINED
    return _with_sign(fraction, _percent(abs(fraction), reader.locale()), signed)


@lru_cache(maxsize=8_192)
def _percent(fraction: float, locale: Locale) -> str:
    pattern = _pattern(locale.percent_formats[None].pattern, 1)
    return _MARKS.sub("", format_percent(fraction, pattern, locale=locale))


def points(fraction: float) -> str:
    """A difference of two rates in percentage points: 0.004 is `+0.4 pp`."""
    return f"{decimal(fraction * 100, 1, signed=True)} pp"


def sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:]}."


def in_words(said: str) -> str:
    """A sentence of the layers below, whose numbers are `1,234.50`, with the reader's numbers."""

    def number(found: re.Match[str]) -> str:
        plain = found[0].replace(",", "")
        return decimal(float(plain), len(plain.partition(".")[2]))

    return _SAID.sub(number, said)


def count(number: float | None, *, signed: bool = False) -> str:
    return decimal(number, 0, signed=signed)


def ratio(number: float | None, *, signed: bool = False) -> str:
    """`3.4×`."""
    return UNDEFINED if number is None else f"{decimal(number, 1, signed=signed)}×"


def months(number: float | None, *, signed: bool = False) -> str:
    """A duration in months: `7.2 months`."""
    return UNDEFINED if number is None else f"{decimal(number, 1, signed=signed)} months"


def value(number: float | None, unit: Unit, currency: str, *, headline: bool = False) -> str:
    """A number of a metric as its unit demands; None is a dash."""
    match unit:
        case "money":
            return headline_money(number, currency) if headline else money(number, currency)
        case "count":
            return count(number)
        case "rate":
            return rate(number)
        case "ratio":
            return ratio(number)
        case "months":
            return months(number)


def day(iso: str) -> str:
    """`2026-11-22` is `Nov 22, 2026`."""
    return _written(date.fromisoformat(iso[:10]), "yMMMd")


def month(label: str) -> str:
    """`2026-10`, or any day of it, is `Oct 2026`."""
    return _written(date.fromisoformat(f"{label[:7]}-01"), "yMMM")


def typed_day() -> str:
    """The format of a date field."""
    return date_patterns.typed(reader.locale())


def _written(of: date, skeleton: date_patterns.Skeleton) -> str:
    return _apart(date_patterns.written(of, skeleton, reader.locale()))


def period(label: str, *, running: bool) -> str:
    """A month by its label, with a word where it has not closed: `Nov 2026, open`."""
    return f"{month(label)}, open" if running else month(label)


def short_month(label: str) -> str:
    """`2026-10`, or any day of it, is `Oct`: for months of which the year is plain."""
    return _apart(date_patterns.month_names(reader.locale())[int(label[5:7]) - 1])


def instant(at: int, zone: str) -> str:
    """UTC seconds in a zone: `Nov 22, 2026, 12:00 UTC`."""
    local = datetime.fromtimestamp(at, ZoneInfo(zone))
    return f"{day(local.date().isoformat())}, {local:%H:%M} {local.tzname()}"


def seconds(rfc3339: str) -> int:
    """The instant of the API's notation."""
    return int(datetime.fromisoformat(rfc3339).timestamp())


def age(elapsed: float) -> str:
    """`just now`, `40 s ago`, `3 min ago`, `2 h ago`, `4 days ago`."""
    whole = max(0, int(elapsed))
    if whole < 10:
        return "just now"
    if whole < 60:
        return f"{whole} s ago"
    if whole < 3_600:
        return f"{whole // 60} min ago"
    if whole < 172_800:
        return f"{whole // 3_600} h ago"
    return f"{whole // 86_400} days ago"


def remaining(left: float) -> str:
    """`about 40 s left`, `about 3 min left`."""
    whole = max(1, round(left))
    return f"about {whole} s left" if whole < 90 else f"about {round(whole / 60)} min left"


def duration(spent: float | None) -> str:
    """`4.2 s`."""
    return UNDEFINED if spent is None else f"{decimal(spent, 1)} s"


def milliseconds(number: float | None) -> str:
    """A latency with as many decimals as it can be read with: `0.034 ms`, `4.2 ms`, `180 ms`."""
    if number is None:
        return UNDEFINED
    digits = 3 if number < 1 else 1 if number < 100 else 0
    return f"{decimal(number, digits)} ms"


_COLUMN_FORMATS = {"USD": "dollar", "EUR": "euro", "JPY": "yen"}


class MoneyColumn(NamedTuple):
    """Streamlit's format of a table column, and what its title adds where that has no symbol."""

    form: str
    suffix: str


def money_column(currency: str) -> MoneyColumn:
    code = currency.upper()
    known = _COLUMN_FORMATS.get(code)
    return MoneyColumn(known, "") if known else MoneyColumn("localized", f" ({code})")


def separators() -> str:
    """Of decimals and of thousands, as plotly takes them."""
    symbols = reader.locale().number_symbols["latn"]
    return f"{symbols['decimal']}{symbols['group']}"


def around_money(currency: str) -> tuple[str, str]:
    """What stands before an amount and what after it: `$`, `€`, or the code where there is no symbol."""
    locale = reader.locale()
    symbol = _MARKS.sub("", get_currency_symbol(currency.upper(), locale=locale))
    before, _, after = _pattern(locale.currency_formats["standard"].pattern, 0).partition("#")
    return before.replace("¤", symbol), after.strip("#,0").replace("¤", symbol)


def around_percent() -> tuple[str, str]:
    """What stands before a percentage and what after it: its sign, with the language's blank."""
    before, _, after = _pattern(reader.locale().percent_formats[None].pattern, 0).partition("#")
    return before, after.strip("#,0")


def markdown(text: str) -> str:
    """Text of others as literal text in Markdown: no links, formulas, colours, icons or HTML come of it. No
    line ends between a number and its percent sign, or between a minus and what it stands before."""
    plain = _apart(on_one_line(text)).replace(" %", "\N{NO-BREAK SPACE}%")
    plain = _LONE_MINUS.sub(f"{MINUS}\N{WORD JOINER}", plain)
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub("\\1\N{ZERO WIDTH SPACE}", plain))


def chart_text(text: str) -> str:
    """Text of others as literal text in a plotly figure, which reads a small HTML."""
    return _apart(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _apart(text: str) -> str:
    """A name written from right to left leaves the order of the numbers beside it alone."""
    turns = not text.isascii() and any(bidirectional(one) in _FROM_THE_RIGHT for one in text)
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if turns else text


def _with_sign(number: float, text: str, signed: bool) -> str:
    if number < 0 and any(digit in text for digit in "123456789"):
        return f"{MINUS}{text}"
    return f"+{text}" if signed and number > 0 else text
