"""What the random companies sell: every kind of price, in families that one subscription can mix."""

from dataclasses import dataclass
from random import Random

from eqho.stripe_simulator.calendar import Interval
from tests.oracle.simulator import Simulator


@dataclass(frozen=True)
class Family:
    """Prices of one currency and interval. Products belong to different lines."""

    currency: str
    licensed: tuple[str, ...]
    metered: str | None = None


@dataclass(frozen=True)
class Catalogue:
    """`families[0]` is monthly in dollars, the one that most subscriptions are of."""

    families: tuple[Family, ...]
    coupons: tuple[str, ...]
    dollar_coupons: tuple[str, ...]
    taxes: tuple[str, ...]

    def other_family(self, family: Family, dice: Random) -> Family | None:
        """Another interval in the same currency, None where there is none."""
        others = [f for f in self.families if f.currency == family.currency and f is not family]
        return dice.choice(others) if others else None


def catalogue(sim: Simulator) -> Catalogue:
    tow, seat = sim.create_product("TowPilot Standard"), sim.create_product("TowPilot Dispatcher Seat")
    fleet, depot = sim.create_product("FleetDesk"), sim.create_product("Depot Planner")
    road = sim.create_product("RoadCall")

    def family(currency: str, interval: Interval, count: int, scale: int) -> Family:
        def price(product: str, amount: int) -> str:
            return sim.create_price(
                product, amount * scale, currency=currency, interval=interval, count=count
            )

        return Family(currency, (price(tow, 449), price(tow, 649), price(seat, 39), price(fleet, 300)))

    monthly = Family(
        "usd",
        (
            sim.create_price(tow, 32_900),
            sim.create_price(tow, 44_900),
            sim.create_price(tow, 119_000),
            sim.create_price(seat, 3_900),
            sim.create_price(depot, 15_100),
            sim.create_price(tow, 0, nickname="Community"),
            sim.create_price(fleet, "37.5"),
            sim.create_price(fleet, 2_500, divide_by=10),
            sim.create_price(
                fleet,
                None,
                tiers=[(25, 1_100, 4_900), (100, 950, 4_900), (None, 800, 0)],
                tiers_mode="volume",
            ),
            sim.create_price(
                road,
                None,
                tiers=[(5, 6_000, 9_900), (20, 4_500, 0), (None, 3_000, 0)],
                tiers_mode="graduated",
            ),
        ),
        metered=sim.create_price(road, "0.4", metered=True),
    )
    both = tuple(
        sim.create_price(product, cents, options={"eur": euro, "jpy": yen})
        for product, cents, euro, yen in (
            (tow, 44_900, 41_900, 66_000),
            (seat, 3_900, "3650.5", 5_700),
            (fleet, 9_900, 9_500, 15_000),
        )
    )
    families = (
        monthly,
        Family("usd", both),
        Family("eur", tuple(f"{price}@eur" for price in both)),
        Family("jpy", tuple(f"{price}@jpy" for price in both)),
        family("usd", "year", 1, 1_000),
        family("usd", "month", 3, 290),
        family("usd", "week", 6, 133),
        family("usd", "week", 1, 27),
        family("usd", "day", 30, 101),
        family("usd", "year", 2, 1_900),
        family("eur", "month", 1, 93),
        family("eur", "year", 1, 930),
        family("jpy", "month", 1, 151),
        family("kwd", "month", 1, 310),
    )
    sim.create_coupon("HALF", percent=50)
    sim.create_coupon("ODD", percent="15.5")
    sim.create_coupon("FREE", percent=100)
    sim.create_coupon("QUARTER", percent=25, duration="repeating", months=4)
    sim.create_coupon("PILOT", percent=100, duration="repeating", months=2)
    sim.create_coupon("WELCOME", percent=20, duration="once")
    sim.create_coupon("SEATS", percent=10, products=[seat])
    sim.create_coupon("LOYAL", amount=7_500, currency="usd")
    sim.create_coupon("THANKS", amount=2_100, currency="usd", duration="repeating", months=3)
    return Catalogue(
        families,
        coupons=("HALF", "ODD", "FREE", "QUARTER", "PILOT", "WELCOME", "SEATS"),
        dollar_coupons=("LOYAL", "THANKS"),
        taxes=(sim.create_tax_rate(19, inclusive=True), sim.create_tax_rate("8.25", inclusive=False)),
    )
