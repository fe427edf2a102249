"""One price in several currencies: each subscription counts in its own, at the amount of that currency."""

from pathlib import Path

from eqho.billing.normalise import read_account
from eqho.ledger.build import build_ledger
from eqho.sources.base import KINDS
from eqho.stripe_simulator.account import StripeAccount
from tests.services.plain_account import DAY, NOW, customer, invoice, price, product, subscription
from tests.sync.rig import rig
from tests.tiers.rig import LINES

MADE = NOW - 40 * DAY


def test_three_customers_in_dollars_and_three_in_euros_of_one_price(tmp_path: Path) -> None:
    """Their second bill is 10 days old; neither today nor the day before it is anything else said."""
    account = StripeAccount(now=NOW)
    option = {"unit_amount": 9_000, "unit_amount_decimal": "9000", "tax_behavior": "unspecified"}
    account.put("product", product())
    account.put("price", price(currency_options={"eur": option}))
    for number in range(6):
        euros = number >= 3
        sold = {"currency": "eur" if euros else "usd"}
        account.put("customer", customer(number, MADE))
        account.put("subscription", subscription(number, MADE, **sold))
        for month in range(2):
            bill = invoice(2 * number + month, number, MADE + month * 30 * DAY, **sold)
            bill["lines"]["data"][0] |= {"amount": 9_000 if euros else 10_000, **sold}
            account.put("invoice", bill)
    with rig(account, tmp_path) as r:
        r.run()
        read, unread = read_account({kind: r.store.objects(kind) for kind in KINDS})
        assert unread == []
        spans = build_ledger(read, LINES, NOW).spans
        for at in (MADE, NOW - 20 * DAY, NOW):
            here = spans.where((spans.start <= at) & (at < spans.end))
            assert {
                currency: int(here.net_eqho[here.currency == spans.code("currency", currency)].sum())
                for currency in ("usd", "eur")
            } == {"usd": 300_000_000, "eur": 270_000_000}
