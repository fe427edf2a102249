"""What people read: money, rates, dates, ages, and text of others that stays text."""

import pytest

from eqho.csv_files import guarded
from eqho.ui import format as fmt


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1234.5, "USD", "$1,234.50"),
        (-420.0, "usd", "−$420.00"),
        (0.0, "USD", "$0.00"),
        (1200.0, "JPY", "¥1,200"),
        (12.3456, "KWD", "KWD12.346"),
        (99.9, "EUR", "€99.90"),
        (None, "USD", "—"),
    ],
)
def test_money_has_the_digits_of_its_currency(amount: float | None, currency: str, text: str) -> None:
    assert fmt.money(amount, currency).replace("\xa0", "") == text


def test_signed_money_says_which_way_and_zero_goes_no_way() -> None:
    assert fmt.money(3200.0, "USD", signed=True) == "+$3,200.00"
    assert fmt.money(-0.0, "USD", signed=True) == "$0.00"


def test_a_headline_drops_cents_from_ten_thousand_and_a_label_from_one_thousand() -> None:
    assert fmt.headline_money(9_999.99, "USD") == "$9,999.99"
    assert fmt.headline_money(10_000.49, "USD") == "$10,000"
    assert fmt.label_money(999.99, "USD") == "$999.99"
    assert fmt.label_money(1_900.0, "USD", signed=True) == "+$1,900"


def test_rates_are_fractions_shown_as_percent() -> None:
    assert fmt.rate(0.0312) == "3.1%"
    assert fmt.rate(1.08) == "108.0%"
    assert fmt.rate(-0.05, signed=True) == "−5.0%"
    assert fmt.rate(None) == "—"


def test_a_difference_of_rates_is_in_percentage_points() -> None:
    assert fmt.points(0.004) == "+0.4 pp"
    assert fmt.points(-0.015) == "−1.5 pp"
    assert fmt.points(-0.0001) == "0.0 pp"


def test_units_of_metrics() -> None:
    assert fmt.value(1234.0, "count", "USD") == "1,234"
    assert fmt.value(3.44, "ratio", "USD") == "3.4×"
    assert fmt.value(7.21, "months", "USD") == "7.2 months"
    assert fmt.value(0.25, "rate", "USD") == "25.0%"
    assert fmt.value(78_432.17, "money", "USD", headline=True) == "$78,432"
    assert {fmt.value(None, unit, "USD") for unit in ("count", "ratio", "months", "rate", "money")} == {"—"}


def test_days_months_and_instants() -> None:
    assert fmt.day("2026-11-22") == "Nov 22, 2026"
    assert fmt.month("2026-10") == fmt.month("2026-10-31") == "Oct 2026"
    assert fmt.instant(fmt.seconds("2026-11-22T12:00:00Z"), "America/New_York") == "Nov 22, 2026, 07:00 EST"


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (-5, "just now"), (9, "just now"), (10, "10 s ago"), (59, "59 s ago"), (180, "3 min ago"),
        (3_600, "1 h ago"), (172_799, "47 h ago"), (345_600, "4 days ago"),
    ],
)  # fmt: skip
def test_ages(elapsed: float, text: str) -> None:
    assert fmt.age(elapsed) == text


def test_time_left() -> None:
    assert fmt.remaining(0.2) == "about 1 s left"
    assert fmt.remaining(200) == "about 3 min left"


def test_latencies_keep_the_digits_that_matter() -> None:
    assert fmt.milliseconds(0.0361) == "0.036 ms"
    assert fmt.milliseconds(4.23) == "4.2 ms"
    assert fmt.milliseconds(180.4) == "180 ms"


def test_text_of_others_does_nothing_in_markdown() -> None:
    hostile = "**A** [x](javascript:1) $e=1$ :red[b] <b>_c_\n# d"
    assert fmt.markdown(hostile) == (r"\*\*A\*\* \[x\]\(javascript\:1\) \$e\=1\$ \:red\[b\] \<b\>\_c\_ \# d")


def test_no_line_ends_behind_a_minus() -> None:
    assert fmt.markdown(f"by {fmt.money(-4.35, 'USD')}") == "by −\N{WORD JOINER}\\$4\\.35"
    assert fmt.markdown(f"by {fmt.rate(-0.031)}") == "by −3\\.1%"


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("see https://a.b", r"https\:"),
        ("HTTP://a", r"HTTP\:"),
        ("www.a.b", "www"),
        ("a@b.c", r"a\@"),
    ],
)
def test_an_address_in_text_of_others_is_no_link(text: str, broken: str) -> None:
    """Streamlit makes links of them after the backslashes are gone."""
    assert f"{broken}\u200b" in fmt.markdown(text)


def test_text_of_others_does_nothing_in_a_chart() -> None:
    assert fmt.chart_text("<a href='x'>A & B</a>") == "&lt;a href='x'&gt;A &amp; B&lt;/a&gt;"


def test_a_name_from_right_to_left_leaves_the_numbers_beside_it_in_place() -> None:
    assert fmt.markdown("שלום 123") == "\u2068שלום 123\u2069"
    assert fmt.chart_text("شركة & 1") == "\u2068شركة &amp; 1\u2069"
    assert fmt.markdown("Ünïted") == "Ünïted"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\u200b=1", "\uff1d1", "\u00a0+1"]
)
def test_a_formula_in_csv_becomes_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


def test_numbers_and_plain_names_stay_what_they_are_in_csv() -> None:
    assert guarded(-420.0) == -420.0
    assert guarded("Harbor Tow") == "Harbor Tow"
