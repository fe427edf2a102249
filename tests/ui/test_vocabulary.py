"""Every code of the engine has a word."""

from typing import get_args

from eqho.ledger.spans import Evidence, State
from eqho.metrics.movements import KINDS
from eqho.metrics.policy import POLICIES
from eqho.metrics.standing import Status
from eqho.ui import vocabulary


def test_every_code_has_a_word_and_no_word_is_without_a_code() -> None:
    assert set(vocabulary.STATUSES) == set(get_args(Status))
    assert tuple(vocabulary.MOVEMENTS) == (*KINDS, "fx")
    assert set(vocabulary.POLICIES) == set(POLICIES)
    assert set(vocabulary.STATES) == {state.name.lower() for state in State} - {"out"}
    assert set(vocabulary.EVIDENCE) == {evidence.name.lower() for evidence in Evidence}
