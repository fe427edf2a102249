"""Addresses of pages."""

import pytest

from eqho.ui.navigation import PLACES, unknown_address, unknown_page_sentence


def test_every_page_is_a_file() -> None:
    assert [place.file for place in PLACES if not place.path.is_file()] == []


@pytest.mark.parametrize(
    ("url", "base", "unknown"),
    [
        ("http://localhost:8501/", "", None),
        ("http://localhost:8501/towpilot", "", None),
        ("http://localhost:8501/data/", "", None),
        ("http://localhost:8501/towpliot", "", "towpliot"),
        ("https://eqho.example/metrics/towpilot", "metrics", None),
        ("https://eqho.example/metrics/nope", "metrics", "nope"),
        (None, "", None),
    ],
)
def test_unknown_addresses(url: str | None, base: str, unknown: str | None) -> None:
    assert unknown_address(url, base) == unknown


def test_the_sentence_names_the_known_pages() -> None:
    sentence = unknown_page_sentence("towpliot")
    assert sentence.startswith(
        "There is no page /towpliot; this is the overview. The pages are / (Overview), "
    )
    assert "/towpilot (TowPilot)" in sentence
