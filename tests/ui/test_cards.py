"""Cards: the change that is shown, against what, whether it is good news, and what the help says."""

import pytest

from eqho.metrics import made_of
from eqho.metrics.definitions import METRICS
from eqho.metrics.history_rows import Point
from eqho.ui import cards
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of
from tests.ui.fake_document import document, moved_by_rates


def point(date: str, *, opened: bool = False, **values: float | None) -> Point:
    return Point(date=date, open=opened, **values)


@pytest.mark.parametrize(
    ("slug", "before", "text", "good"),
    [
        ("mrr", 40_000.0, "+15.0%", True),
        ("mrr", 50_000.0, "−8.0%", False),
        ("mrr", 46_000.0, "0.0%", None),
        ("mrr", 0.0, "+$46,000", True),
        ("customers", 80, "+3", True),
        ("customers", 85, "−2", False),
    ],
)
def test_balances_change_against_the_last_closed_month(
    slug: str, before: float, text: str, good: bool | None
) -> None:
    points = [
        point("2026-10-31", **{slug: before}),
        point("2026-11-30", opened=True, **{slug: 1.0}),
    ]
    assert cards.change(document(), METRICS[slug], points) == (text, "vs Oct", good)


def test_a_rate_of_the_last_closed_month_changes_against_the_month_before_it() -> None:
    points = [
        point("2026-09-30", customer_churn_rate=0.04),
        point("2026-10-31", customer_churn_rate=0.025),
        point("2026-11-30", opened=True, customer_churn_rate=0.01),
    ]
    assert cards.change(document(), METRICS["customer_churn_rate"], points) == ("−1.5 pp", "vs Sep", True)


def test_the_colour_is_the_news_of_the_time_the_line_covers() -> None:
    points = [
        point("2025-11-30", mrr=33_500.0),
        point("2026-10-31", mrr=46_150.0),
        point("2026-11-30", opened=True, mrr=46_000.0),
    ]
    moved = cards.change(document(), METRICS["mrr"], points)
    assert moved == ("+37.3%", "since Nov 2025; −0.3% since Oct", True)


def test_a_running_months_movement_is_not_held_against_a_whole_month() -> None:
    points = [point("2026-10-31", net_new=2_000.0)]
    assert cards.change(document(), METRICS["net_new"], points) is None


def test_nothing_before_means_no_change() -> None:
    assert cards.change(document(), METRICS["mrr"], []) is None
    undefined = [point("2026-10-31", arpa=None)]
    assert cards.change(document(), METRICS["arpa"], undefined) is None


def test_a_number_that_is_not_defined_has_no_change_but_a_reason() -> None:
    cac = METRICS["cac"]
    assert cards.change(document(), cac, []) is None
    assert cards.undefined(document(), cac) == (
        "no sales and marketing spend is entered for the 3 closed months before"
    )


def test_the_sparkline_ends_where_the_card_does_and_skips_what_is_not_defined() -> None:
    points = [
        point("2026-07-31", nrr_12m=None, mrr=1.0),
        point("2026-08-31", nrr_12m=1.0, mrr=2.0),
        point("2026-09-30", nrr_12m=1.1, mrr=3.0),
        point("2026-10-31", nrr_12m=1.2, mrr=4.0),
        point("2026-11-30", opened=True, nrr_12m=9.9, mrr=5.0),
    ]
    assert cards.sparkline(document(), METRICS["nrr_12m"], points) == [1.0, 1.1, 1.2]
    assert cards.sparkline(document(), METRICS["mrr"], points) == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert cards.sparkline(document(), METRICS["mrr"], points[:2]) is None


def test_help_holds_formula_exact_number_and_inputs() -> None:
    text = cards.help_text(document(mrr=46_000.0, customers=83), METRICS["arpa"]).replace("\\", "")
    assert text.split("\n\n") == [
        "MRR / customers.",
        "Exactly $554.22.",
        "Here: MRR $46,000.00, customers 83.",
    ]


def test_help_says_which_inputs_are_missing() -> None:
    text = cards.help_text(document(), METRICS["ltv"]).replace("\\", "")
    assert text.endswith("Here: ARPA $554.22, gross margin not entered, monthly churn 2.5%.")


def test_what_exchange_rates_made_is_told_beside_net_new_mrr() -> None:
    text = cards.help_text(moved_by_rates(), METRICS["net_new"]).replace("\\", "").replace("\u2060", "")
    assert text.endswith("Here: start $1,000.00, exchange rates −$50.00, end $1,150.00.")


def test_help_of_a_closed_months_rate_names_the_month() -> None:
    assert cards.help_text(document(), METRICS["nrr_12m"]).replace("\\", "").endswith("Month: Oct 2026.")


def test_every_card_tells_what_its_number_is_made_of() -> None:
    ledger = ledger_of(paid("a", 100, "2025-01-01"))
    found = made_of.parts(scene_of(ledger, "all-products"))
    assert set(found) | set(cards.INPUTS) == set(METRICS)
    assert set(found) & set(cards.INPUTS) == set()
    parts = [made_of.Part("still paid", 1_200.0, "money"), made_of.Part("of", 2, "count")]
    text = cards.help_text(document(), METRICS["nrr_12m"], parts).replace("\\", "")
    assert "Here: still paid $1,200.00, of 2." in text


def test_every_input_named_in_a_help_text_is_in_the_document() -> None:
    full = document()
    missing = [
        path
        for inputs in cards.INPUTS.values()
        for _, path in inputs
        if not hasattr(getattr(full, path.split(".")[0]), path.split(".")[1])
    ]
    assert missing == []
    assert set(cards.INPUTS) <= set(METRICS)
