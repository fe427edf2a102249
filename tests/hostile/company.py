"""A company whose customers, products, prices and coupons all have hostile names, and each something to tell.

By turns a customer has come this week, left this week, is past due, or will leave; of each there is a bill.
"""

from itertools import cycle

from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.stripe_objects import MONTHLY, Company, at, sold
from tests.hostile.names import NAMES
from tests.hostile.secrets import IN_ADDRESS, IN_METADATA

KINDS = ("came", "left", "late", "leaving", "stays")
COUNTED = {"came", "late", "leaving", "stays"}


def hostile_company() -> StripeAccount:
    company = Company()
    names = cycle(NAMES)
    for number in range(len(NAMES) * 2):
        tow = "TowPilot " if number % 2 else ""
        product = company.product(f"prod_{number}", f"{tow}{next(names)}")
        price = company.price(
            f"price_{number}", product, 10_000 + 100 * number, nickname=NAMES[number % len(NAMES)]
        )
        who, kind = f"hostile{number:03}", KINDS[number % len(KINDS)]
        _customer(company, who, NAMES[(number + number // len(NAMES)) % len(NAMES)])
        coupon = company.coupon(f"COUPON{number}", "forever", percent_off=10, name=next(names))
        since = "2026-11-20" if kind == "came" else "2026-09-01"
        discount = company.discount(who, coupon, since, None, subscription=f"sub_{who}")
        on = ("2026-11-20", "2026-12-20") if kind == "came" else MONTHLY
        company.buys(
            who, sold(price, price["unit_amount"], off=price["unit_amount"] // 10), on=on,
            discount=discount, last_bill="open" if kind == "late" else "paid", **_state(kind),
        )  # fmt: skip
    _unreadable(company)
    return company.account


def _customer(company: Company, who: str, name: str) -> None:
    company.customer(who, "2026-09-01")
    plain = company.account.stored("customer", f"cus_{who}") or {}
    address = {"line1": IN_ADDRESS, "city": None, "country": "US"}
    told = {"name": name, "description": name, "phone": IN_METADATA, "metadata": {"key": IN_METADATA}}
    company.account.put("customer", {**plain, **told, "address": address})


def _state(kind: str) -> dict[str, object]:
    if kind == "left":
        gone = at("2026-11-18")
        return {"status": "canceled", "canceled_at": gone, "ended_at": gone}
    if kind == "late":
        return {"status": "past_due"}
    if kind == "leaving":
        return {
            "cancel_at_period_end": True,
            "cancel_at": at("2026-12-01"),
            "canceled_at": at("2026-11-15"),
        }
    return {}


def _unreadable(company: Company) -> None:
    """What is left out is named in sentences that hold words of Stripe's objects."""
    for number, name in enumerate(NAMES):
        product = company.product(f"prod_bad_{number}", name)
        rhythm = {"interval": name, "interval_count": 1, "trial_period_days": None,
                  "usage_type": "licensed", "meter": None}  # fmt: skip
        price = company.price(f"price_bad_{number}", product, 5_000, recurring=rhythm)
        company.buys(f"bad{number}", sold(price, 5_000))
        foreign = company.price(f"price_foreign_{number}", product, 5_000, currency=name)
        company.buys(f"foreign{number}", sold(foreign, 5_000), metadata={"note": IN_METADATA})
