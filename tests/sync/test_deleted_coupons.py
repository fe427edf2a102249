"""A coupon that is deleted at Stripe stays with whoever holds it: a subscription, or one of its items."""

from pathlib import Path

import pytest

from eqho.periods import DAY
from eqho.stripe_simulator.simulator import Simulator
from tests.services.plain_account import NOW
from tests.sync.rig import ledger, rig


def company(*, on_item: bool, percent: bool) -> Simulator:
    """$400 a month, $50 (or an eighth) off for ever; the coupon was deleted after two bills."""
    sim = Simulator(NOW - 80 * DAY)
    price = sim.create_price(sim.create_product("TowPilot Standard"), 40_000)
    off = {"percent": "12.5"} if percent else {"amount": 5_000, "currency": "usd"}
    coupon = sim.create_coupon("loyal", **off)
    customer = sim.create_customer("Bluebird Towing", "ops@bluebird.example")
    held = {"item_coupons": [(0, coupon)]} if on_item else {"coupons": [coupon]}
    sim.subscribe(customer, [(price, 1)], **held)
    sim.advance(NOW - 10 * DAY)
    sim.delete_coupon(coupon)
    sim.advance(NOW)
    return sim


@pytest.mark.parametrize("on_item", [True, False])
@pytest.mark.parametrize("percent", [True, False])
def test_the_discount_of_a_deleted_coupon_still_counts(
    tmp_path: Path, *, on_item: bool, percent: bool
) -> None:
    with rig(company(on_item=on_item, percent=percent).account, tmp_path) as r:
        r.run()
        assert set(ledger(r.store).spans.net_eqho.tolist()) == {35_000 * 10_000}
        r.run(after=DAY)
        assert set(ledger(r.store).spans.net_eqho.tolist()) == {35_000 * 10_000}


def test_the_holders_are_asked_once(tmp_path: Path) -> None:
    with rig(company(on_item=True, percent=False).account, tmp_path) as r:
        r.run()
        assert r.asked["subscription_items"] == 1
        r.run(after=DAY)
        assert "subscription_items" not in r.asked
