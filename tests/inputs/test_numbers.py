"""Numbers of files: with a point or a comma before the decimals, as the file has it; never another number."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqho.errors import BadArgument
from eqho.inputs.entries import FX, SPEND
from eqho.inputs.exports import read_export
from eqho.inputs.readers.numbers import Mark, decimal_mark, number_of
from eqho.inputs.readers.profit_and_loss import read_profit_and_loss
from eqho.inputs.readers.rates import Wanted, read_rates
from eqho.inputs.readers.spend_exports import proposed, read_spend_export, summed
from eqho.inputs.readers.tables import read_rows
from tests.inputs.test_tables import LINES

AMOUNTS = st.lists(st.decimals(-(10**7), 10**7, places=2), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,200.5", "1200.5"), ("1.200,5", "1200.5"), ("1 200,5 €", "1200.5"),
        ("1\u202f200,50\u00a0€", "1200.50"),
        ("1’200.50", "1200.50"), ("1.234.567", "1234567"), ("1,234,567", "1234567"), ("12,34", "12.34"),
        ("0,923", "0.923"), ("0.923", "0.923"), ("1234,567", "1234.567"), ("(45)", "-45"), ("80%", "0.8"),
        ("-$1,200.50", "-1200.5"), ("$-1,200.50", "-1200.5"), ("($1,200.50)", "-1200.5"), ("$(45)", "-45"),
        ("US$1,200.5", "1200.5"), ("USD 1,200.5", "1200.5"), ("1.200,5 EUR", "1200.5"), ("(USD 45)", "-45"),
        ("CHF 1'200.5", "1200.5"), ("₹1,20,000.5", "120000.5"), ("R$ 1.234,5", "1234.5"), ("45-", "-45"),
        ("–45", "-45"), ("(45%)", "-0.45"), ("12,5 %", "0.125"), ("−3", "-3"),
        ("-1.234,5", "-1234.5"), ("7", "7"), ("1.5e-05", "0.000015"),
    ],
)  # fmt: skip
def test_most_numbers_tell_themselves(text: str, number: str) -> None:
    assert number_of(text, None) == Decimal(number)


@pytest.mark.parametrize("text", ["", " - ", "$ -", "—"])
def test_a_dash_is_nothing(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "abc", "1.2.3", "1,23,45", "1.234,5.6", ",", "NaN", "12.5.2026", "=1+1", "#REF!", "n/a", "abc 5",
        "1e999999999", "--4", "(5",
    ],
)  # fmt: skip
def test_what_is_no_number_stays_text(text: str) -> None:
    assert number_of(text) == text
    assert number_of(text, ",") == text


@pytest.mark.parametrize(("mark", "number"), [(".", Decimal("1.234")), (",", Decimal(1234))])
def test_a_number_that_can_be_read_in_two_ways_is_read_as_its_file_is(mark: Mark, number: Decimal) -> None:
    assert number_of("1.234", mark) == number
    assert number_of("1.234", None) == "1.234"


def test_a_file_tells_its_mark_by_its_numbers_else_by_what_stands_between_its_cells() -> None:
    assert decimal_mark(["1.234", "12,5", "7", "total"], semicolons=False) == ","
    assert decimal_mark(["1.234", "12.5"], semicolons=True) == "."
    assert decimal_mark(["1.234", "12.5", "12,5"], semicolons=False) is None
    assert decimal_mark(["1.234", "7"], semicolons=False) == "."
    assert decimal_mark(["1.234", "7"], semicolons=True) is None


@given(amounts=AMOUNTS, mark=st.sampled_from(["point", "comma", "blank"]))
def test_a_column_of_money_is_read_as_it_was_written(amounts: list[Decimal], mark: str) -> None:
    places = {"point": ",.", "comma": ".,", "blank": "\u202f,"}[mark]
    texts = [f"{amount:,.2f}".translate(str.maketrans(",.", places)) for amount in amounts]
    known = decimal_mark(texts, semicolons=False)
    assert [number_of(text, known) for text in texts] == amounts


def amounts_of(data: str) -> list[object]:
    header = "month;category;amount;currency\n"
    return [row["amount"] for row in read_rows(SPEND, "x.csv", (header + data).encode())]


def test_a_german_sheet_of_spend() -> None:
    german = "2026-09;Ads;1.234,56;EUR\n2026-10;Ads;1.234;EUR\n"
    assert amounts_of(german) == [Decimal("1234.56"), Decimal(1234)]


def test_a_sheet_that_does_not_tell_its_mark_is_named_not_guessed() -> None:
    rows = read_rows(SPEND, "x.csv", b"month;category;amount;currency\n2026-10;Ads;1.234;EUR\n")
    (fault,) = SPEND.check(rows, LINES).faults
    assert "“1.234” can be read in two ways" in fault.sentence


def test_a_rate_with_three_decimals_is_no_thousand() -> None:
    rows = read_rows(FX, "x.csv", b"date;currency;rate\n2026-10-30;EUR;0,923\n2026-10-31;EUR;1,085\n")
    assert [row["rate"] for row in rows] == [Decimal("0.923"), Decimal("1.085")]
    wide = b"Date;USD;\n2026-10-30;0,923;\n2026-10-31;1,085;\n"
    found = read_rates("x.csv", wide, Wanted({"USD"}, date(2026, 1, 1))) or []
    told = [row["rate"] for row in found if row["currency"] == "USD"]
    assert told == [Decimal("0.923"), Decimal("1.085")]


def test_a_german_profit_and_loss() -> None:
    report = read_profit_and_loss("x.csv", b"Konto;Sep 2026;Oct 2026\nWerbung;1.234;2.345,67\n")
    assert list(report.accounts[0].amounts.values()) == [Decimal(1234), Decimal("2345.67")]


def test_a_german_export_of_spend() -> None:
    export = read_spend_export("x.csv", b"Day;Cost\n2026-10-01;1.234\n2026-10-02;0,50\n")
    found = summed(export, proposed(export, export.found, category="Ads", currency="EUR"))
    assert [row["amount"] for row in found.rows] == [Decimal("1234.50")]


def test_a_german_export_of_mrr() -> None:
    content = b"customer;month;mrr\ncus_1;2026-10;1.234\ncus_2;2026-10;1.234,50\n"
    assert [claim.minor for claim in read_export(content, "eur").claims] == [123_400, 123_450]
    with pytest.raises(BadArgument, match=r"“1\.234” is no amount"):
        read_export(b"customer;month;mrr\ncus_1;2026-10;1.234\n", "eur")
