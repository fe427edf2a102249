"""The table [alerts], quiet hours, and what EQHO_ALERTS may hold."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from eqho.messages.destinations import parse_destinations
from eqho.messages.rules import QuietHours, Rules, load_rules, parse_rules
from eqho.products import ConfigurationError
from eqho.setting_checks import split_urls
from eqho.settings import SettingsError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("hours", "now", "quiet"),
    [
        ("22:00-07:00", time(23, 0), True),
        ("22:00-07:00", time(6, 59), True),
        ("22:00-07:00", time(7, 0), False),
        ("22:00-07:00", time(21, 59), False),
        ("12:00-13:30", time(13, 29), True),
        ("12:00-13:30", time(11, 59), False),
    ],
)
def test_quiet_hours(hours: str, now: time, quiet: bool) -> None:
    found = Rules(quiet_hours=hours).quiet
    assert isinstance(found, QuietHours)
    assert found.cover(now) is quiet


def test_rules_of_a_file_and_without_a_table(tmp_path: Path) -> None:
    file = tmp_path / "eqho.toml"
    file.write_text('[alerts]\nlost_mrr = 250\nquiet_hours = ""\n')
    rules = load_rules(file)
    assert (rules.lost_mrr, rules.mrr_change, rules.stale_minutes, rules.quiet) == (250, None, 60, None)
    assert load_rules(ROOT / "eqho.toml") == Rules()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"lost": 5}, "lost"),
        ({"lost_mrr": "much"}, "lost_mrr"),
        ({"lost_mrr": 0}, "above 0"),
        ({"quiet_hours": "at night"}, "22:00-07:00"),
        ({"quiet_hours": "25:00-07:00"}, "hour"),
        ([], "alerts"),
    ],
)
def test_a_rule_that_cannot_be_used_stops_the_start_with_a_sentence(table: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as wrong:
        parse_rules(table, "eqho.toml")
    assert str(wrong.value).startswith("eqho.toml, [alerts]: ")


def test_urls_are_told_apart_and_a_comma_inside_one_belongs_to_it() -> None:
    text = "amounts=mailto://h/a@b.example?to=c@d.example,e@f.example, json://x/y\n slack://A/B/C"
    assert split_urls(text) == [
        "amounts=mailto://h/a@b.example?to=c@d.example,e@f.example",
        "json://x/y",
        "slack://A/B/C",
    ]


def test_destinations_are_named_without_their_secrets() -> None:
    mail, slack = parse_destinations(
        "amounts=mailtos://me:planted-password@example.com slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    )
    assert (mail.name, mail.amounts) == ("E-Mail (example.com)", True)
    assert (slack.name, slack.amounts) == ("Slack", False)
    assert len({mail.id, slack.id}) == 2


def test_an_unknown_service_stops_the_start_without_telling_the_url() -> None:
    with pytest.raises(SettingsError, match="EQHO_ALERTS") as wrong:
        parse_destinations("carrierpigeon://planted-password/x")
    assert "planted-password" not in str(wrong.value)
