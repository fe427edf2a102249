"""A price in tiers that is sold in several currencies: Stripe shows the tiers of each only where the currency
is named. Each customer is worth what the tiers of its currency say, in pull, event and bridge."""

from pathlib import Path
from typing import Any

from eqho.ledger.build import Ledger
from eqho.metrics.bridge import bridge_rows
from eqho.metrics.entered import Inputs
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.products import ALL
from eqho.stripe_simulator.account import StripeAccount
from tests.services.plain_account import DAY, NOW, change, customer, product, subscription
from tests.sync.rig import Rig, ledger, rig
from tests.sync.telling import ZONE
from tests.tiers.rig import LINES

MADE = NOW - 10 * DAY


def tier(up_to: int | None, unit: int, flat: int | None = None) -> dict[str, Any]:
    return {
        "up_to": up_to, "unit_amount": unit, "unit_amount_decimal": str(unit), "flat_amount": flat,
        "flat_amount_decimal": None if flat is None else str(flat),
    }  # fmt: skip


def tiered(first: int, **more: Any) -> dict[str, Any]:
    """$10 each up to 5 and $8 from there; €9 and €7, with €20 once."""
    dollars, euros = [tier(5, first), tier(None, 800)], [tier(5, 900, 2_000), tier(None, 700)]
    option = {"unit_amount": None, "unit_amount_decimal": None, "tax_behavior": "unspecified"}
    return {
        "id": "price_t", "object": "price", "product": "prod_1", "currency": "usd", "active": True,
        "billing_scheme": "tiered", "created": NOW - 900 * DAY, "livemode": False, "metadata": {},
        "nickname": None, "tiers_mode": "graduated", "transform_quantity": None, "type": "recurring",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": None},
        "unit_amount": None, "unit_amount_decimal": None, "tiers": dollars,
        "currency_options": {"usd": {**option, "tiers": dollars}, "eur": {**option, "tiers": euros}}, **more,
    }  # fmt: skip


def account() -> StripeAccount:
    """Ten seats in dollars, ten in euros."""
    made = StripeAccount(now=NOW)
    made.put("product", product())
    made.put("price", tiered(1_000))
    for number, currency in ((1, "usd"), (2, "eur")):
        body = subscription(number, MADE, currency=currency)
        shown = {k: v for k, v in tiered(1_000).items() if k not in ("tiers", "currency_options")}
        body["items"]["data"][0] |= {"price": shown, "quantity": 10}
        made.put("customer", customer(number, MADE))
        made.put("subscription", body)
    return made


def worth(found: Ledger) -> dict[str, float]:
    """MRR by currency."""
    spans = found.spans.where(found.spans.end > NOW)
    return {
        currency: float(spans.net_eqho[spans.currency == spans.code("currency", currency)].sum()) / 1_000_000
        for currency in ("usd", "eur")
    }


def scene(r: Rig, currency: str) -> Scene:
    return Scene(ledger(r.store), LINES, Inputs(), ALL, NOW, POLICIES["eqho"], currency, ZONE)


def test_a_pull_reads_the_tiers_of_each_currency(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        assert r.run().issues == ()
        assert worth(ledger(r.store)) == {"usd": 90.0, "eur": 100.0}
        assert r.asked["prices/price_t"] == 1


def test_an_event_reads_them_too(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        r.run()
        r.pass_time(60)
        change(r.server.account, "price", tiered(1_200), "price.updated")
        assert r.run(after=60).issues == ()
        assert worth(ledger(r.store)) == {"usd": 100.0, "eur": 100.0}


def test_where_only_the_event_tells_of_the_price_its_tiers_stay(tmp_path: Path) -> None:
    """An event's payload shows neither tiers nor currencies."""
    with rig(account(), tmp_path) as r:
        r.run()
        r.pass_time(60)
        change(r.server.account, "price", tiered(1_200, nickname="Fleet"), "price.updated")
        r.server.faults.plan("400", "/v1/prices/price_t", times=10_000)
        assert [issue.subjects for issue in r.run(after=60).issues] == [("price_t",)]
        found = ledger(r.store)
        assert worth(found) == {"usd": 90.0, "eur": 100.0}
        assert found.price_names["price_t"] == "Fleet"


def test_the_bridge_adds_up_in_each_currency(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        r.run()
        for currency, amount in (("usd", 90.0), ("eur", 100.0)):
            rows = {row.step: row.amount for row in bridge_rows(scene(r, currency))}
            assert (rows["List MRR"], rows["eqho"], rows["stripe"]) == (amount, amount, amount)
            assert sum(rows.values()) == 3 * amount
