"""Goals on the page: those of the product, open ones first, with what they need and what the pace is."""

from collections.abc import Callable

from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from eqho.tiers.views import Goals
from eqho.ui.pages.goals import sentence, targets, verdict
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]
REACHED, BEHIND, UNKNOWN = FakeTiers().view(Goals(), "all-products").value.rows


def test_the_goals_of_the_product_stand_there(visit: Visit) -> None:
    said = text(visit("forecast.py"))
    assert "MRR $80,000" in said
    assert "$76,666.67 now; by the end of Q4 2026 it needs +$2,600.00 a month; the pace is +$900.00." in said
    assert said.index("MRR $80,000") < said.index("MRR $70,000")
    assert "Customers 90" not in said


def test_of_another_product(visit: Visit) -> None:
    said = text(visit("forecast.py", product="towpilot"))
    assert "Customers 90" in said
    assert "83 now; by the end of Dec 2026 it needs +5.5 a month. The pace needs 4 closed months." in said
    assert "No goal is set for RoadCall" in text(visit("forecast.py", product="roadcall"))


def test_words_for_each_state() -> None:
    assert [verdict(row)[0] for row in (REACHED, BEHIND, UNKNOWN)] == ["reached", "behind", "not known"]
    assert verdict(replace(REACHED, on_pace=False))[0] == "missed"
    assert verdict(replace(BEHIND, on_pace=True))[0] == "on pace"
    assert sentence(REACHED, "USD") == "$71,000.00 at the end of Sep 2026."
    assert sentence(replace(BEHIND, needed=-400.0), "USD") == (
        "$76,666.67 now, already there; the pace is +$900.00 a month until the end of Q4 2026."
    )
    low = replace(BEHIND, metric="customer_churn_rate", actual=0.02, target=0.03, needed=0.004, pace=0.001)
    assert sentence(low, "USD").startswith("2.0% now, already there; the pace is +0.1 pp a month until")
    unknown = replace(UNKNOWN, actual=None, undefined="Customers is not defined there")
    assert sentence(unknown, "USD") == "By the end of Dec 2026: Customers is not defined there."


def test_goals_of_mrr_are_drawn_at_the_last_month_of_their_period(visit: Visit) -> None:
    visit("forecast.py")
    assert [tuple(one) for one in targets([REACHED, BEHIND, UNKNOWN])] == [
        ("2026-09", 70_000.0),
        ("2026-12", 80_000.0),
    ]
