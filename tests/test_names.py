"""What is kept of a name that others gave."""

import pytest

from eqho.names import on_one_line, readable
from tests.hostile.names import NAMES, UNREADABLE


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ünïted  Towing №1", "Ünïted  Towing №1"),
        ("Ann\nforged\r\nline", "Ann forged  line"),
        ("\x1b[31mred\x07", "[31mred"),
        ("pay \u202e001$ to", "pay 001$ to"),
        ("a\u2066b\u200bc\ufeffd", "abcd"),
        ("tow\U000e0074\U000e0065ll", "towll"),
        ("half \ud800 a letter", "half  a letter"),
        ("می\u200cخواهم 👩\u200d🔧", "می\u200cخواهم 👩\u200d🔧"),
        ("شركة אבא", "شركة אבא"),
        ("no\u00a0break\u3000wide", "no break wide"),
        ("\x00\u200b", ""),
    ],
)
def test_what_can_be_read_stays_and_the_rest_goes(given: str, kept: str) -> None:
    assert readable(given) == kept


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_has_nothing_left_that_acts(name: str) -> None:
    assert not UNREADABLE.intersection(readable(name))
    assert "\n" not in readable(name)
    assert readable(readable(name)) == readable(name)


def test_one_line() -> None:
    assert on_one_line(" a \t\n b\u2028c ") == "a b c"
