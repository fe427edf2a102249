"""Short ways to set a simulated account up and to read what came of it."""

from typing import Any

from eqho.stripe_simulator.calendar import instant
from tests.oracle.simulator import Simulator

Raw = dict[str, Any]


def monthly(sim: Simulator, amount: int, name: str = "TowPilot", **terms: Any) -> str:
    return sim.create_price(sim.create_product(name), amount, **terms)


def customer(sim: Simulator) -> str:
    return sim.create_customer("Bluebird Towing", "billing@bluebird.example")


def starting(day: str) -> tuple[Simulator, str]:
    """A simulator and one customer."""
    sim = Simulator(instant(day))
    return sim, customer(sim)


def invoices(sim: Simulator, subscription: str | None = None) -> list[Raw]:
    """Oldest first."""
    filters = {} if subscription is None else {"subscription": subscription}
    return list(sim.account.every("invoice", **filters))[::-1]


def amounts(invoice: Raw) -> list[int]:
    return [line["amount"] for line in invoice["lines"]["data"]]


def subscription(sim: Simulator, subscription_id: str) -> Raw:
    found = sim.account.retrieve("subscription", subscription_id, complete=True)
    assert found is not None
    return found


def parent(line: Raw) -> Raw:
    found: Raw = line["parent"][line["parent"]["type"]]
    return found


def mrr(sim: Simulator, day: str, policy: Any = "eqho") -> float:
    """US dollars by the truth, at the first instant of `day`."""
    return float(sim.truth.mrr(instant(day), policy).get("usd", 0)) / 100
