"""How numbers, dates and names look: the one place that formats them, and the one that escapes them."""

import re
from datetime import date, datetime
from functools import lru_cache
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from eqho.metrics.definitions import Unit
from eqho.money import minor_digits
from eqho.names import on_one_line

UNDEFINED = "—"
MINUS = "−"
_LOCALE = "en_US"
_FROM_THE_RIGHT = {"R", "AL"}

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
            return f"{symbol(currency)}{amount / size:.1f}{unit}"
    return _money(amount, currency, 0, signed=False)


@lru_cache(maxsize=4_096)
def _money(amount: float | None, currency: str, digits: int, signed: bool) -> str:
    if amount is None:
        return UNDEFINED
    fraction = "." + "0" * digits if digits else ""
    # Babel's own number of digits is ISO 4217's, Stripe's differs.
    text = format_currency(
        abs(amount), currency.upper(), f"¤#,##0{fraction}", locale=_LOCALE, currency_digits=False
    )
    return _with_sign(amount, text, signed)


def rate(fraction: float | None, *, signed: bool = False) -> str:
    """A fraction as a percentage with one decimal: 0.0312 is `3.1%`."""
    if fraction is None:
        return UNDEFINED
    return _with_sign(fraction, format_percent(abs(fraction), "#,##0.0%", locale=_LOCALE), signed)


def points(fraction: float) -> str:
    """A difference of two rates in percentage points: 0.004 is `+0.4 pp`."""
    return _with_sign(fraction, f"{format_decimal(abs(fraction) * 100, '#,##0.0', locale=_LOCALE)} pp", True)


def sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:]}."


def count(number: float | None, *, signed: bool = False) -> str:
    if number is None:
        return UNDEFINED
    return _with_sign(number, format_decimal(abs(number), "#,##0", locale=_LOCALE), signed)


def ratio(number: float | None, *, signed: bool = False) -> str:
    """`3.4×`."""
    if number is None:
        return UNDEFINED
    return _with_sign(number, f"{format_decimal(abs(number), '#,##0.0', locale=_LOCALE)}×", signed)


def months(number: float | None, *, signed: bool = False) -> str:
    """A duration in months: `7.2 months`."""
    if number is None:
        return UNDEFINED
    return _with_sign(number, f"{format_decimal(abs(number), '#,##0.0', locale=_LOCALE)} months", signed)


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
    return format_date(date.fromisoformat(iso[:10]), "MMM d, y", locale=_LOCALE)


def month(label: str) -> str:
    """`2026-10`, or any day of it, is `Oct 2026`."""
    return format_date(date.fromisoformat(f"{label[:7]}-01"), "MMM y", locale=_LOCALE)


def period(label: str, *, running: bool) -> str:
    """A month by its label, with a word where it has not closed: `Nov 2026, open`."""
    return f"{month(label)}, open" if running else month(label)


def short_month(label: str) -> str:
    """`2026-10`, or any day of it, is `Oct`: for months of which the year is plain."""
    return month(label)[:3]


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


def milliseconds(number: float | None) -> str:
    """A latency with as many decimals as it can be read with: `0.034 ms`, `4.2 ms`, `180 ms`."""
    if number is None:
        return UNDEFINED
    digits = 3 if number < 1 else 1 if number < 100 else 0
    return f"{number:.{digits}f} ms"


_COLUMN_FORMATS = {"USD": "dollar", "EUR": "euro", "JPY": "yen"}


def money_column(currency: str) -> tuple[str, str]:
    """Format of a table column in this currency, and what its title adds where the format has no symbol."""
    code = currency.upper()
    if code in _COLUMN_FORMATS:
        return _COLUMN_FORMATS[code], ""
    return f"%,.{minor_digits(currency)}f", f" ({code})"


def symbol(currency: str) -> str:
    """`$`, `€`, or the code where there is no symbol."""
    return str(get_currency_symbol(currency.upper(), locale=_LOCALE))


def markdown(text: str) -> str:
    """Text of others as literal text in Markdown: no links, formulas, colours, icons or HTML come of it. No
    line ends between a number and its percent sign."""
    plain = _apart(on_one_line(text)).replace(" %", "\N{NO-BREAK SPACE}%")
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
