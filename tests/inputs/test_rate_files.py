"""Rates as the European Central Bank lays them out: days down, currencies across."""

from datetime import date
from decimal import Decimal

from eqho.inputs.checks import check_rates
from eqho.inputs.readers.rates import Wanted, read_rates
from eqho.metrics.entered import Rate
from eqho.metrics.exchange import Exchange
from tests.tiers.rig import LINES

FILE = (
    b"Date,USD,JPY,CYP,GBP,\n"
    b"2026-10-02,1.25,150,N/A,0.8,\n"
    b"2026-10-01,1.20,abc,N/A,N/A,\n"
    b"2020-01-01,1.10,100,0.58,0.9,\n"
)


def test_the_wanted_currencies_are_read_and_the_euro_is_one() -> None:
    rows = read_rates("hist.csv", FILE, Wanted({"USD", "JPY", "GBP"}, date(2026, 1, 1)))
    assert rows is not None
    checked = check_rates(rows, LINES)
    assert set(checked.rows) == {
        Rate("2026-10-02", "USD", Decimal("1.25")),
        Rate("2026-10-02", "JPY", Decimal(150)),
        Rate("2026-10-02", "GBP", Decimal("0.8")),
        Rate("2026-10-02", "EUR", Decimal(1)),
        Rate("2026-10-01", "USD", Decimal("1.20")),
        Rate("2026-10-01", "EUR", Decimal(1)),
    }
    [fault] = checked.faults
    assert "abc" in fault.sentence
    into_pounds = Exchange(checked.rows, "gbp")
    assert into_pounds.rate("usd", date(2026, 10, 5)) == Decimal("0.64")  # through the euro: 0.8 / 1.25
    assert into_pounds.rate("eur", date(2026, 10, 5)) == Decimal("0.8")
    assert into_pounds.rate("usd", date(2026, 10, 10)) is None


def test_another_layout_is_left_to_the_template() -> None:
    wanted = Wanted({"USD"}, date(2026, 1, 1))
    assert read_rates("fx.csv", b"date,currency,rate\n2026-10-01,USD,1.2\n", wanted) is None
    assert read_rates("fx.csv", b"Date,CHF\n2026-10-01,0.9\n", wanted) == []
