from collections.abc import Iterator

import pytest

from tests.services.plain_account import plain_account
from tests.services.stripe_server import StripeServer, stripe_server


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    """An account of 250 customers with a subscription and two invoices each."""
    with stripe_server(plain_account(250, 2)) as server:
        yield server
