"""What the demo company's founders entered: every month that has closed."""

from collections.abc import Iterator
from datetime import date

from eqho.inputs.checks import check_margins, check_rates, check_spend
from eqho.metrics.exchange import Exchange
from eqho.sources.demo.inputs import demo_inputs
from eqho.stripe_simulator.calendar import instant
from tests.tiers.rig import LINES

NOW = instant("2026-11-22T12:00:00")


def test_four_categories_in_every_month_that_has_closed() -> None:
    spend = demo_inputs(NOW).spend
    assert len(spend) == 4 * 36
    assert {row.month for row in spend if row.category == "Paid ads"} == {row.month for row in spend}
    assert (spend[0].month, spend[-1].month) == ("2023-11", "2026-10")
    assert {row.category: row.product for row in spend} == {
        "Content": None, "Paid ads": None, "Sales": None, "Trade shows": "towpilot",
    }  # fmt: skip


def test_moving_now_adds_months_and_changes_none() -> None:
    earlier, later = demo_inputs(instant("2025-01-01")), demo_inputs(NOW)
    assert earlier.spend == later.spend[: len(earlier.spend)]
    assert earlier.margins == later.margins[: len(earlier.margins)]
    assert demo_inputs(instant("2020-01-01")).spend == ()


def test_a_margin_is_known_in_every_month_and_everything_could_have_been_typed() -> None:
    found = demo_inputs(NOW)
    assert found.sample
    assert [margin.month for margin in found.margins[:2]] == ["2023-11", "2024-02"]
    spend = [{name: getattr(row, name) for name in row.__struct_fields__} for row in found.spend]
    margins = [{name: getattr(row, name) for name in row.__struct_fields__} for row in found.margins]
    assert check_spend(spend, LINES).faults == check_margins(margins, LINES).faults == ()


def test_there_is_a_rate_on_every_day_since_the_first_sale_and_none_changes_later() -> None:
    found = demo_inputs(NOW).rates
    typed = [{name: getattr(row, name) for name in row.__struct_fields__} for row in found]
    assert check_rates(typed, LINES).faults == ()
    assert found[: len(earlier := demo_inputs(instant("2025-01-01")).rates)] == earlier
    for into in ("USD", "EUR"):
        exchange = Exchange(found, into)
        for code in ("USD", "EUR", "JPY"):
            missing = [
                day for day in _days(date(2023, 11, 1), date(2026, 11, 22)) if not exchange.rate(code, day)
            ]
            assert missing == []
    assert 140 < float(Exchange(found, "JPY").rate("USD", date(2026, 11, 22)) or 0) < 160


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
