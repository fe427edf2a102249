"""The view of one customer, through the tiers."""

import pytest

from eqho.errors import BadArgument
from eqho.tiers import Tiers, views


def test_one_customer_with_links_into_stripe(tiers: Tiers) -> None:
    tiers.refresh(wait=True)
    listed = tiers.view(views.Customers(), "towpilot").value.rows[0]
    found = tiers.view(views.Customer(listed.customer), "towpilot").value
    assert found.stripe_url == listed.stripe_url
    assert found.steps[0].mrr[-1] == listed.mrr == 100.0
    assert [span.mrr for span in found.spans if span.end is None] == [100.0]


def test_an_unknown_customer_is_refused_with_a_sentence(tiers: Tiers) -> None:
    tiers.refresh(wait=True)
    with pytest.raises(BadArgument, match="There is no customer “cus_nobody” of towpilot"):
        tiers.view(views.Customer("cus_nobody"), "towpilot")
