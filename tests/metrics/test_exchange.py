"""Dated rates: the latest on or before a day, at most a week old, through the base where there is one."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from eqho.metrics.entered import Rate
from eqho.metrics.exchange import Exchange


def rate(day: str, currency: str, value: str) -> Rate:
    return Rate(day, currency, Decimal(value))


def test_the_reporting_currency_is_the_base_where_it_has_no_rates() -> None:
    exchange = Exchange([rate("2026-05-29", "EUR", "0.8"), rate("2026-05-30", "EUR", "0.9")], "usd")
    assert exchange.rate("usd", date(2026, 5, 29)) == 1
    assert exchange.rate("eur", date(2026, 5, 29)) == Fraction(5, 4)
    assert exchange.rate("EUR", date(2026, 6, 6)) == Fraction(10, 9)


def test_a_rate_holds_for_seven_days_and_not_before_its_own() -> None:
    exchange = Exchange([rate("2026-05-29", "EUR", "0.8")], "usd")
    assert exchange.rate("eur", date(2026, 6, 5)) is not None
    assert exchange.rate("eur", date(2026, 6, 6)) is None
    assert exchange.rate("eur", date(2026, 5, 28)) is None


def test_two_currencies_meet_through_the_base() -> None:
    day = "2026-05-29"
    exchange = Exchange([rate(day, "USD", "1.2"), rate(day, "GBP", "0.9"), rate(day, "EUR", "1")], "usd")
    assert exchange.rate("gbp", date(2026, 5, 29)) == Fraction(4, 3)
    assert exchange.rate("eur", date(2026, 5, 29)) == Fraction(6, 5)


def test_a_currency_without_rates_is_never_taken_for_the_base() -> None:
    exchange = Exchange([rate("2026-05-29", "USD", "1.2")], "usd")
    assert exchange.rate("jpy", date(2026, 5, 29)) is None
