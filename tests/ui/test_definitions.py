"""The Definitions page: every metric once, and the one a card leads to on top."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from eqho.errors import NoBuild
from eqho.metrics.definitions import METRICS
from eqho.ui.vocabulary import METRIC_GROUPS
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]


def test_every_metric_stands_there_once_under_its_group(visit: Visit) -> None:
    app = visit("definitions.py")
    assert [one.value for one in app.header] == list(METRIC_GROUPS.values())
    assert sorted(one.value.replace("\\", "") for one in app.subheader) == sorted(
        one.title for one in METRICS.values()
    )
    assert {one.path.split(".")[0] for one in METRICS.values()} == set(METRIC_GROUPS)


def test_a_definition_has_formula_unit_direction_place_and_value(visit: Visit) -> None:
    said = text(visit("definitions.py"))
    assert METRICS["grr_12m"].formula in said
    assert "a percentage · more is better · now 86.0% · `retention_metrics.grr_12m`" in said
    assert "now not defined: no sales and marketing spend is entered" in said


def test_a_card_leads_to_its_definition(visit: Visit) -> None:
    card = next(metric for metric in visit().metric if metric.label == "ARPA")
    assert card.proto.help.endswith("[Definition](definitions?metric=arpa)")
    app = visit("definitions.py", metric="arpa").run()
    assert app.header[0].value == "ARPA"


def test_an_unknown_metric_in_the_address_is_a_sentence(visit: Visit) -> None:
    assert "There is no metric “arpu”" in text(visit("definitions.py", metric="arpu").run())


def test_definitions_are_there_before_any_number_is(visit: Visit, tiers: FakeTiers) -> None:
    tiers.generation, tiers.failure = 0, NoBuild("Nothing is stored yet.", {})
    said = text(visit("definitions.py"))
    assert METRICS["mrr"].formula in said
    assert "· now " not in said
