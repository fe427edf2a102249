"""Money, numbers and dates as the reader's language writes them, and the same number behind them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from eqho.metrics.definitions import METRICS
from eqho.money import minor_digits
from eqho.ui import date_patterns, reader
from eqho.ui import format as fmt
from eqho.ui.charts import draw
from eqho.ui.charts.figures import heights, month_axis, value_axis

TAGS = ("en-US", "de-DE", "fr-FR", "ja-JP", "ar-EG", "de-CH", "hi-IN")


@contextmanager
def reading(tag: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "locale", lambda: reader.named(tag))
        yield


def number_in(text: str, tag: str) -> float:
    digits = re.sub(r"[^\d.,’\u202f\u00a0]", "", re.sub(r"\.(?!\d)", "", text)).strip("\u00a0\u202f")
    return float(parse_decimal(digits, locale=reader.named(tag))) * (-1 if text.startswith(fmt.MINUS) else 1)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("de-DE", "de_DE"), ("de", "de"), ("DE-at", "de_AT"), ("en-US-u-nu-arab", "en_US"),
        ("no-NO", "no"), ("zh-CN", "zh_Hans_CN"), ("xx-YY", "en_US"), ("tlh", "en_US"), ("", "en_US"),
        ("*", "en_US"), ("../../etc/passwd", "en_US"), ("de\x00", "en_US"), ("x" * 400, "en_US"),
    ],
)  # fmt: skip
def test_a_language_that_is_not_known_is_read_as_english(tag: str, name: str) -> None:
    assert str(reader.named(tag)) == name


def test_outside_a_page_everything_is_as_in_the_united_states() -> None:
    assert str(reader.locale()) == "en_US"
    assert fmt.money(1234.5, "USD") == "$1,234.50"


@pytest.mark.parametrize(
    ("tag", "texts"),
    [
        ("de-DE", ["1.234,56 €", "−1.234,56 $", "12,5 %", "1.234", "3,4×", "+0,4 pp",
          "22. Nov. 2026", "Okt. 2026", "1,9k €"]),
        ("fr-FR", ["1\u202f234,56 €", "−1\u202f234,56 $US", "12,5 %", "1\u202f234", "3,4×", "+0,4 pp",
          "22 nov. 2026", "oct. 2026", "1,9k €"]),
        ("ja-JP", ["€1,234.56", "−$1,234.56", "12.5%", "1,234", "3.4×", "+0.4 pp",
          "2026年11月22日", "2026年10月", "€1.9k"]),
        ("de-CH", ["EUR 1’234.56", "−$ 1’234.56", "12.5%", "1’234", "3.4×", "+0.4 pp",
          "22. Nov. 2026", "Okt. 2026", "EUR 1.9k"]),
        ("en-GB", ["€1,234.56", "−US$1,234.56", "12.5%", "1,234", "3.4×", "+0.4 pp",
          "22 Nov 2026", "Oct 2026", "€1.9k"]),
        ("hi-IN", ["€1,234.56", "−$1,234.56", "12.5%", "1,234", "3.4×", "+0.4 pp",
          "22 नव॰ 2026", "अक्टू॰ 2026", "€1.9k"]),
    ],
)  # fmt: skip
def test_each_reader_reads_her_own_way(tag: str, texts: list[str]) -> None:
    with reading(tag):
        said = [
            fmt.money(1234.56, "EUR"), fmt.money(-1234.56, "USD"), fmt.rate(0.125), fmt.count(1234),
            fmt.ratio(3.4), fmt.points(0.004), fmt.day("2026-11-22"), fmt.month("2026-10"),
            fmt.short_money(1_900, "EUR"),
        ]  # fmt: skip
    assert [text.replace("\u00a0", " ") for text in said] == texts


def test_arabic_stands_apart_from_what_is_beside_it() -> None:
    with reading("ar-EG"):
        assert fmt.money(-1234.5, "EGP") == "−\u20681,234.50\u00a0ج.م.\u2069"
        assert fmt.money(1234.5, "USD").replace("\u00a0", " ") == "1,234.50 US$"
        assert fmt.month("2026-10") == "\u2068أكتوبر 2026\u2069"
        assert fmt.rate(0.125) == "12.5%"


@pytest.mark.parametrize("tag", TAGS)
@given(amount=st.floats(-1e9, 1e9), currency=st.sampled_from(["USD", "EUR", "JPY", "KWD", "EGP"]))
def test_any_amount_is_the_same_number_in_every_language(tag: str, amount: float, currency: str) -> None:
    with reading(tag):
        said = number_in(fmt.money(amount, currency), tag)
    assert said == pytest.approx(round(amount, minor_digits(currency)), abs=10.0 ** -minor_digits(currency))


@pytest.mark.parametrize("tag", TAGS)
@given(fraction=st.floats(-50, 50))
def test_any_rate_is_the_same_number_in_every_language(tag: str, fraction: float) -> None:
    with reading(tag):
        assert number_in(fmt.rate(fraction), tag) == pytest.approx(100 * fraction, abs=0.051)


@pytest.mark.parametrize("tag", TAGS)
@given(number=st.decimals(0, 10**12, places=4))
def test_a_number_in_a_field_is_read_as_what_it_was_written_for(tag: str, number: Decimal) -> None:
    with reading(tag):
        assert fmt.typed_number(fmt.exact(number)) == number
        assert fmt.typed_number(fmt.exact(float(number))) == Decimal(str(float(number)))


@pytest.mark.parametrize(
    ("tag", "typed", "number"),
    [
        ("de-DE", "12,5", "12.5"), ("de-DE", "1200.5", "1200.5"), ("de-DE", "1.234", "1234"),
        ("de-DE", "1.234,50 €", "1234.5"), ("de-DE", "80 %", "0.8"), ("en-US", "1,234", "1234"),
        ("en-US", "$1,234.50", "1234.5"), ("en-US", "12,5", "12.5"), ("en-US", "1.234", "1.234"),
        ("fr-FR", "1 234,5", "1234.5"), ("de-CH", "1'234.50", "1234.5"),
    ],
)  # fmt: skip
def test_what_is_typed_or_pasted_is_read_as_the_reader_writes(tag: str, typed: str, number: str) -> None:
    with reading(tag):
        assert fmt.typed_number(typed) == Decimal(number)
        assert [fmt.typed_number(other) for other in ("", "five")] == [None, "five"]


@pytest.mark.parametrize(
    ("tag", "typed", "read"),
    [
        ("de-DE", "1.085", "1.085"), ("de-DE", "1,085", Decimal("1.085")),
        ("de-DE", "0.923", Decimal("0.923")), ("de-DE", "1.0850", Decimal("1.085")),
        ("en-US", "1,085", "1,085"), ("en-US", "1.085", Decimal("1.085")),
    ],
)  # fmt: skip
def test_a_rate_is_never_taken_for_a_thousand(tag: str, typed: str, read: Decimal | str) -> None:
    with reading(tag):
        assert fmt.typed_number(typed, thousands=False) == read


@pytest.mark.parametrize("tag", TAGS)
def test_a_day_is_the_same_on_an_axis_as_in_a_sentence(tag: str) -> None:
    locale = reader.named(tag)
    for month in range(1, 13):
        day = date(2026, month, 7)
        on_axis = date_patterns.on_axis("yMMMd", locale)
        for letters, part in (
            ("%-d", "7"), ("%d", "07"), ("%-m", str(month)), ("%m", f"{month:02}"), ("%Y", "2026"),
            ("%b", date_patterns.month_names(locale)[month - 1]),
        ):  # fmt: skip
            on_axis = on_axis.replace(letters, part)
        assert on_axis == date_patterns.written(day, "yMMMd", locale)


def test_one_reader_never_reads_the_months_of_another() -> None:
    """Babel itself, asked in this order, gives the third one the second one's."""
    before = {tag: date_patterns.month_names(reader.named(tag)) for tag in ("en", "ja", "es", "ar", "pl")}
    date_patterns.month_names.cache_clear()
    after = {tag: date_patterns.month_names(reader.named(tag)) for tag in ("pl", "ar", "es", "ja", "en")}
    assert before == after
    assert [before[tag][2] for tag in ("en", "ja", "es", "ar", "pl")] == ["Mar", "3月", "mar", "مارس", "mar"]


@pytest.mark.parametrize(
    ("tag", "typed"),
    [("en-US", "YYYY-MM-DD"), ("de-DE", "DD.MM.YYYY"), ("en-GB", "DD/MM/YYYY"), ("nl-NL", "DD-MM-YYYY"),
     ("ar-EG", "DD/MM/YYYY"), ("ja-JP", "YYYY-MM-DD"), ("hu-HU", "YYYY-MM-DD")],
)  # fmt: skip
def test_a_date_field_takes_the_day_first_where_people_write_it_first(tag: str, typed: str) -> None:
    with reading(tag):
        assert fmt.typed_day() == typed


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("1,234.50 EUR of MRR is shown apart.", "1.234,50 EUR of MRR is shown apart."),
        ("customers (86,000 read) at 12.5 requests", "customers (86.000 read) at 12,5 requests"),
        ("build 1,234,567.", "build 1.234.567."),
        ("API 2026-03-25, 10.0.0.1:85, v1.2.3, cus_1.5",) * 2,
    ],
)  # fmt: skip
def test_numbers_in_sentences_of_the_layers_below(said: str, read: str) -> None:
    assert fmt.in_words(said) == said
    with reading("de-DE"):
        assert fmt.in_words(said) == read


def axes(currency: str, slug: str = "mrr") -> tuple[str, str, str]:
    axis = value_axis(METRICS[slug].unit, currency)
    return axis["tickprefix"], axis["tickformat"], axis["ticksuffix"]


def test_axes_follow() -> None:
    assert axes("USD") == ("", "$~s", "")
    assert axes("USD", "nrr_12m") == ("", "~g", "%")
    assert heights([0.125, None], METRICS["nrr_12m"].unit) == [12.5, None]
    with reading("tr-TR"):
        assert axes("TRY", "nrr_12m") == ("%", "~g", "")
    with reading("de-DE"):
        assert axes("EUR") == ("", "~s", "\u00a0€")
        assert axes("EUR", "nrr_12m") == ("", "~g", "\u00a0%")
        assert fmt.separators() == ",."
        assert month_axis()["hoverformat"] == "%b %Y"
        months = draw.config()["locales"]["reader"]["format"]["shortMonths"]
        assert months[2] == "März"
    with reading("ja-JP"):
        assert axes("JPY") == ("￥", "~s", "")
        assert month_axis()["hoverformat"] == "%Y年%-m月"


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("say", [fmt.rate, fmt.count, fmt.ratio, fmt.months, fmt.duration, fmt.milliseconds])
def test_what_is_not_defined_is_a_dash_everywhere(tag: str, say: Callable[[None], str]) -> None:
    with reading(tag):
        assert say(None) == "—"
