"""The month's message tells what its own two amounts say."""

from eqho.messages.digest import month_lines
from tests.ui.fake_document import moved_by_rates


def test_what_exchange_rates_made_is_in_the_change_that_the_first_sentence_tells() -> None:
    assert month_lines(moved_by_rates())[:3] == [
        "MRR went from 1,000.00 USD to 1,150.00 USD: +150.00 USD.",
        "Gained: 200.00 USD from new customers.",
        "By exchange rates: -50.00 USD.",
    ]
