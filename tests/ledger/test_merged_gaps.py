"""Short gaps of all customers are closed at once, as one after the other."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eqho.ledger.spans import Span, Spans, merge_gaps
from eqho.periods import DAY
from tests.metrics.random_spans import HISTORIES


def one_after_the_other(spans: Spans, seconds: int) -> Spans:
    """The rule as it is said: customer by customer, gap by gap."""
    end, requested = spans.end.copy(), spans.requested.copy()
    counts = (spans.net_eqho > 0) & spans.in_mrr
    for customer in np.unique(spans.customer[counts]):
        mine = counts & (spans.customer == customer)
        for back in np.unique(spans.start[mine]):
            before = spans.end[mine & (spans.start < back)]
            if not len(before) or not 0 < back - before.max() <= seconds:
                continue
            last = (spans.customer == customer) & (spans.end == before.max())
            end[last] = back
            requested[last & (spans.requested == before.max())] = back
    return replace(spans, end=end, requested=requested)


@given(HISTORIES, st.sampled_from([DAY, 3 * DAY, 40 * DAY]))
def test_every_gap_that_is_short_enough_is_closed_and_no_other(rows: list[Span], seconds: int) -> None:
    spans = Spans.of(rows)
    merged, said = merge_gaps(spans, seconds), one_after_the_other(spans, seconds)
    assert merged.end.tolist() == said.end.tolist()
    assert merged.requested.tolist() == said.requested.tolist()
