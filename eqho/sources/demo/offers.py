"""What the demo company sells, created once on the first day."""

from dataclasses import dataclass

from eqho.stripe_simulator.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Offers:
    """Ids of prices; amounts are US dollars a month where nothing else is said."""

    tow: tuple[str, ...]  # Light 329, Standard 449, Medium Duty 649, Heavy Duty 1,190
    tow_yearly: tuple[str, ...]  # ten months' price a year
    tow_seat: str  # 39 for each dispatcher
    tow_yard: str  # 89
    tow_trucks: str  # graduated by trucks, with a flat fee
    tow_quarterly: str  # 1,290 for 3 months
    tow_two_years: str  # 9,480 for 2 years
    tow_six_weeks: str  # 1,196 for 6 weeks
    tow_four_weeks: str  # 460 for 4 weeks
    tow_weekly: str  # 119 a week
    tow_daily: str  # 19 a day
    tow_free: str
    tow_euro: tuple[str, ...]
    tow_yen: tuple[str, ...]
    fleet: str  # volume tiers by vehicles
    fleet_sensor: str  # 37.5 cents each
    fleet_reports: str  # 25 for each 10 reports begun
    fleet_yearly: str  # 3,600 a year
    depot: str  # mapped to FleetDesk by its metadata only
    road: tuple[str, ...]  # Basic 99, Pro 249
    road_calls: str  # metered, 0.4 cents a message
    concierge: str  # mapped by the customer's tag only
    unmapped: str  # belongs to no line
    setup: str  # one-time
    custom: str  # made inline for one contract


def create_offers(sim: Simulator) -> Offers:
    """Products, prices and coupons."""
    light = sim.create_product("TowPilot Light")
    standard = sim.create_product("TowPilot Standard")
    medium = sim.create_product("TowPilot Medium Duty")
    heavy = sim.create_product("TowPilot Heavy Duty")
    seat = sim.create_product("TowPilot Dispatcher Seat")
    yard = sim.create_product("Tow Yard Storage")
    trucks = sim.create_product("TowPilot by Truck")
    contract = sim.create_product("Tow Contract")
    fleet = sim.create_product("FleetDesk")
    sensor = sim.create_product("FleetDesk Sensors")
    reports = sim.create_product("FleetDesk Reports")
    depot = sim.create_product("Depot Planner", {"product_line": "fleetdesk"})
    road = sim.create_product("RoadCall")
    messages = sim.create_product("RoadCall Messages")
    concierge = sim.create_product("Dispatch Concierge")
    interface = sim.create_product("Partner API Access")
    setup = sim.create_product("Onboarding")
    plans = ((light, 32_900), (standard, 44_900), (medium, 64_900), (heavy, 119_000))
    offers = Offers(
        tow=tuple(sim.create_price(product, amount) for product, amount in plans),
        tow_yearly=tuple(sim.create_price(p, 10 * amount, interval="year") for p, amount in plans),
        tow_seat=sim.create_price(seat, 3_900),
        tow_yard=sim.create_price(yard, 8_900),
        tow_trucks=sim.create_price(
            trucks,
            None,
            tiers=[(5, 6_000, 9_900), (20, 4_500, 0), (None, 3_000, 0)],
            tiers_mode="graduated",
        ),
        tow_quarterly=sim.create_price(contract, 129_000, count=3),
        tow_two_years=sim.create_price(contract, 948_000, interval="year", count=2),
        tow_six_weeks=sim.create_price(contract, 119_600, interval="week", count=6),
        tow_four_weeks=sim.create_price(contract, 46_000, interval="week", count=4),
        tow_weekly=sim.create_price(contract, 11_900, interval="week"),
        tow_daily=sim.create_price(contract, 1_900, interval="day"),
        tow_free=sim.create_price(light, 0, nickname="Community"),
        tow_euro=(
            sim.create_price(standard, 41_900, currency="eur"),
            sim.create_price(medium, 59_900, currency="eur"),
        ),
        tow_yen=(
            sim.create_price(standard, 68_000, currency="jpy"),
            sim.create_price(medium, 98_000, currency="jpy"),
        ),
        fleet=sim.create_price(
            fleet,
            None,
            tiers=[(25, 1_100, 4_900), (100, 950, 4_900), (None, 800, 0)],
            tiers_mode="volume",
        ),
        fleet_sensor=sim.create_price(sensor, "37.5"),
        fleet_reports=sim.create_price(reports, 2_500, divide_by=10),
        fleet_yearly=sim.create_price(fleet, 360_000, interval="year"),
        depot=sim.create_price(depot, 27_900),
        road=(sim.create_price(road, 9_900), sim.create_price(road, 24_900)),
        road_calls=sim.create_price(messages, "0.4", metered=True),
        concierge=sim.create_price(concierge, 19_900),
        unmapped=sim.create_price(interface, 15_000),
        setup=sim.create_price(setup, 50_000, interval=None),
        custom=sim.create_price(heavy, 184_000, listed=False),
    )
    sim.create_coupon("PARTNER50", percent=50)
    sim.create_coupon("NONPROFIT15", percent="15.5")
    sim.create_coupon("LAUNCH25", percent=25, duration="repeating", months=6)
    sim.create_coupon("PILOT100", percent=100, duration="repeating", months=3)
    sim.create_coupon("SPONSORED", percent=100)
    sim.create_coupon("WELCOME", percent=20, duration="once")
    sim.create_coupon("LOYAL75", amount=7_500, currency="usd")
    sim.create_coupon("SEATS10", percent=10, products=[seat])
    sim.create_coupon("FLEET20", percent=20, products=[fleet])
    sim.create_coupon("FAIR2024", percent=30, duration="repeating", months=12)
    return offers
