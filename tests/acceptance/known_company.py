"""A company whose every number can be computed by hand. It is 22 November 2026, noon."""

from tests.acceptance.stripe_objects import MONTHLY, Billed, Company, Sold, at, every, sold, tax_rate

# Monthly recurring revenue of each customer, in dollars and cents, worked out on paper.
TOWPILOT_MRR = {
    "yearly": 100.00,  # $1,200 a year / 12
    "quarterly": 30.00,  # $90 / 3 months
    "fortnightly": 108.33,  # $50 × 52 / (12 × 2)
    "weekly": 21.67,  # $5 × 52 / 12
    "sixweekly": 863.78,  # $1,196 × 52 / (12 × 6)
    "daily": 30.42,  # $1 × 365 / 12
    "biennial": 100.00,  # $2,400 / 24
    "half": 400.00,  # $800, 50 % off for ever
    "repeating": 300.00,  # $400, 25 % off for 12 months
    "once": 500.00,  # $500, 50 % off once: not subtracted
    "amountoff": 100.00,  # $120, $20 off for ever
    "member": 900.00,  # $1,000, 10 % off for everything this customer buys
    "late": 250.00,  # past due
    "graduated": 225.00,  # flat $50 + 10 × $10 + 15 × $5
    "volume": 200.00,  # 25 × $8
    "packs": 36.00,  # 13 units in packs of 5 at $12: three packs
    "subcent": 7.50,  # 1,000 × 0.75 ¢
    "metered": 300.00,  # $300 beside a metered price
    "taxincluded": 100.00,  # $125 with 25 % tax inside
    "taxontop": 200.00,  # $200 and 20 % tax on top
    "drafted": 60.00,  # paused, but invoices are kept as drafts
    "leaving": 450.00,  # canceled at the period's end, which has not come
    "tagged": 350.00,  # "Consulting", bought by a customer tagged tow
    "both": 60.00,  # and $40 of RoadCall
    "onlyone": 150.00,  # $100 + $100, 50 % off the first product only
    "big": 1_000.00,  # new since 1 November
    "near": 299.99,
}
STARTED = "2026-09-01"


def known_company() -> Company:
    company = Company()
    tow = company.product("prod_tow", "TowPilot Dispatch")
    _intervals(company, tow)
    _coupons(company, tow)
    _pricing(company, tow)
    _statuses(company, tow)
    _classification(company)
    _glossary(company)
    _currencies(company, tow)
    return company


def _intervals(company: Company, tow: str) -> None:
    for name, cents, interval, count, on in (
        ("yearly", 120_000, "year", 1, ("2026-03-01", "2027-03-01")),
        ("quarterly", 9_000, "month", 3, ("2026-07-01", "2026-10-01", "2027-01-01")),
        ("fortnightly", 5_000, "week", 2, every(14, "2026-10-19", 3)),
        ("weekly", 500, "week", 1, every(7, "2026-10-19", 5)),
        ("sixweekly", 119_600, "week", 6, every(42, "2026-09-14", 2)),
        ("daily", 100, "day", 1, every(1, "2026-10-20", 34)),
        ("biennial", 240_000, "year", 2, ("2025-12-01", "2027-12-01")),
        ("big", 100_000, "month", 1, ("2026-11-01", "2026-12-01")),
        ("near", 29_999, "month", 1, MONTHLY),
    ):
        price = company.price(f"price_{name}", tow, cents, interval, count)
        company.buys(name, sold(price, cents), on=on)


def _coupons(company: Company, tow: str) -> None:
    percent = {
        "half": company.coupon("HALF", "forever", percent_off=50),
        "repeating": company.coupon("QUARTER", "repeating", percent_off=25, duration_in_months=12),
        "once": company.coupon("ONCE", "once", percent_off=50),
        "amountoff": company.coupon("TWENTY", "forever", amount_off=2_000, currency="usd"),
        "member": company.coupon("MEMBER", "forever", percent_off=10),
        "onlyone": company.coupon("FIRST", "forever", percent_off=50, applies_to={"products": [tow]}),
    }
    for name, cents, off, ends in (
        ("half", 80_000, 40_000, None),
        ("repeating", 40_000, 10_000, "2027-09-01"),
        ("once", 50_000, 0, None),  # attached now, taken off the next invoice
        ("amountoff", 12_000, 2_000, None),
    ):
        start = "2026-11-20" if name == "once" else STARTED
        discount = company.discount(name, percent[name], start, ends, subscription=f"sub_{name}")
        price = company.price(f"price_{name}", tow, cents)
        bought = company.buys(name, sold(price, cents, off=off), discount=discount if off else None)
        bought["discounts"] = [discount]
    of_customer = company.discount("member", percent["member"], STARTED, None)
    held = company.account.stored("discount", of_customer)
    company.customer("member", STARTED, discount=held)
    price = company.price("price_member", tow, 100_000)
    company.buys("member", sold(price, 100_000, off=10_000), discount=of_customer)["discounts"] = []
    first, second = (
        company.price("price_onlyone", tow, 10_000),
        company.price("price_addon", company.product("prod_addon", "TowPilot Add-on"), 10_000),
    )
    discount = company.discount("onlyone", percent["onlyone"], STARTED, None, subscription="sub_onlyone")
    company.buys("onlyone", sold(first, 10_000, off=5_000), sold(second, 10_000), discount=discount)


def _pricing(company: Company, tow: str) -> None:
    tiered = {"billing_scheme": "tiered", "unit_amount_decimal": None}
    graduated = company.price(
        "price_graduated", tow, None, tiers_mode="graduated", **tiered,
        tiers=[
            {"up_to": 10, "unit_amount": 1_000, "unit_amount_decimal": "1000", "flat_amount": 5_000,
             "flat_amount_decimal": "5000"},
            {"up_to": None, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": None,
             "flat_amount_decimal": None},
        ],
    )  # fmt: skip
    lines = (Billed(5_000, 0), Billed(10_000, 10), Billed(7_500, 15))
    company.buys("graduated", Sold(graduated, 25, lines))
    volume = company.price(
        "price_volume", tow, None, tiers_mode="volume", **tiered,
        tiers=[
            {"up_to": 10, "unit_amount": 1_000, "unit_amount_decimal": "1000", "flat_amount": None,
             "flat_amount_decimal": None},
            {"up_to": None, "unit_amount": 800, "unit_amount_decimal": "800", "flat_amount": None,
             "flat_amount_decimal": None},
        ],
    )  # fmt: skip
    company.buys("volume", sold(volume, 20_000, 25))
    packs = company.price("price_packs", tow, 1_200, transform_quantity={"divide_by": 5, "round": "up"})
    company.buys("packs", sold(packs, 3_600, 13))
    subcent = company.price("price_subcent", tow, None, unit_amount_decimal="0.75")
    company.buys("subcent", sold(subcent, 750, 1_000))
    inside, on_top = tax_rate(25, inclusive=True), tax_rate(20, inclusive=False)
    company.buys(
        "taxincluded",
        sold(company.price("price_taxincluded", tow, 12_500), 12_500, tax=inside, taxed=2_500),
    )
    company.buys(
        "taxontop", sold(company.price("price_taxontop", tow, 20_000), 20_000, tax=on_top, taxed=4_000)
    )
    _metered(company, tow)


def _metered(company: Company, tow: str) -> None:
    """$300 in advance, and $30, $60 and $90 of usage in August, September and October."""
    licence = company.price("price_licence", tow, 30_000)
    usage = company.price("price_usage", tow, None, unit_amount_decimal="0.4", usage_type="metered")
    months = ("2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01")
    bought = company.buys(
        "metered", sold(licence, 30_000), Sold(usage, None, ()), on=("2026-08-01", "2026-09-01")
    )
    for number, used in enumerate((3_000, 6_000, 9_000)):
        before, start, end = months[number : number + 3]
        company.invoice(
            bought,
            [
                company.line(bought, 0, licence, Billed(30_000), start, end),
                company.line(bought, 1, usage, Billed(used, used * 10 // 4), before, start),
            ],
            start,
        )
    for item in bought["items"]["data"]:
        item |= {"current_period_start": at("2026-11-01"), "current_period_end": at("2026-12-01")}


def _statuses(company: Company, tow: str) -> None:
    def price(name: str, cents: int) -> Sold:
        return sold(company.price(f"price_{name}", tow, cents), cents)

    company.buys("late", price("late", 25_000), status="past_due", last_bill="open")
    company.buys(
        "drafted", price("drafted", 6_000), last_bill="draft",
        pause_collection={"behavior": "keep_as_draft", "resumes_at": None},
    )  # fmt: skip
    company.buys(
        "leaving", price("leaving", 45_000), cancel_at_period_end=True, cancel_at=at("2026-12-01"),
        canceled_at=at("2026-11-15"),
    )  # fmt: skip
    company.buys("free", price("free", 0))
    # Out of MRR:
    trial = ("2026-11-15", "2026-11-29")
    company.buys(
        "trying", Sold(price("trying", 99_900).price, 1, (Billed(0),)), on=trial, status="trialing",
        trial_start=at(trial[0]), trial_end=at(trial[1]),
    )  # fmt: skip
    company.buys(
        "paused", price("paused", 70_000), on=("2026-10-01", "2026-11-01", "2026-12-01"), bills="void",
        last_bill="void", pause_collection={"behavior": "void", "resumes_at": None},
    )  # fmt: skip
    company.buys(
        "gone", price("gone", 50_000), on=("2026-09-10", "2026-10-10", "2026-11-10"), status="canceled",
        canceled_at=at("2026-10-30"), ended_at=at("2026-11-10"), cancel_at_period_end=True,
    )  # fmt: skip
    this_month = ("2026-11-01", "2026-12-01")
    company.buys("unpaid", price("unpaid", 11_100), on=this_month, status="unpaid", last_bill="open")
    company.buys(
        "incomplete", price("incomplete", 7_700), on=this_month, status="incomplete", last_bill="open"
    )
    company.buys(
        "expired", price("expired", 7_800), on=this_month, status="incomplete_expired", last_bill="void",
        ended_at=at("2026-11-02"), canceled_at=at("2026-11-02"),
    )  # fmt: skip
    company.buys(
        "trialpaused", Sold(price("trialpaused", 33_300).price, 1, (Billed(0),)),
        on=("2026-09-01", "2026-09-15"), status="paused", trial_start=at("2026-09-01"),
        trial_end=at("2026-09-15"),
    )  # fmt: skip
    company.customer("internal", STARTED, metadata={"internal": "true"})
    company.buys("internal", price("internal", 500_000))


def _classification(company: Company) -> None:
    """Products that do not name their line: the customer's tag does, or nobody."""
    consulting = company.product("prod_consulting", "Consulting")
    for name, cents, metadata in (
        ("tagged", 35_000, {"tag": "tow"}),
        ("gym", 4_500, {"tag": "gym"}),
        ("nobody", 1_500, {}),
    ):
        company.customer(name, STARTED, metadata=metadata)
        company.buys(name, sold(company.price(f"price_{name}", consulting, cents), cents))
    company.buys("both", sold(company.price("price_seat", "prod_tow", 2_000), 6_000, 3))
    assist = company.product("prod_assist", "Assist", product_line="RoadCall")
    company.buys("both", sold(company.price("price_assist", assist, 4_000), 4_000), suffix="_2")


def _glossary(company: Company) -> None:
    """Stripe's own example: 100 × $100 a month + 50 × $600 a year = $12,500 of MRR."""
    fleet = company.product("prod_fleet", "FleetDesk Pro")
    monthly = company.price("price_fleet_monthly", fleet, 10_000)
    yearly = company.price("price_fleet_yearly", fleet, 60_000, "year")
    for number in range(100):
        company.buys(
            f"fleet{number:03}", sold(monthly, 10_000), on=("2026-10-01", "2026-11-01", "2026-12-01")
        )
    for number in range(100, 150):
        company.buys(f"fleet{number:03}", sold(yearly, 60_000), on=("2026-05-01", "2027-05-01"))


def _currencies(company: Company, tow: str) -> None:
    """¥5,000 and 10.500 Kuwaiti dinars a month."""
    for name, amount, currency in (("tokyo", 5_000, "jpy"), ("kuwait", 10_500, "kwd")):
        price = company.price(f"price_{name}", tow, amount, currency=currency)
        company.customer(name, STARTED, currency=currency)
        company.buys(name, sold(price, amount))
