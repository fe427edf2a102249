"""Stripe's JSON as it arrives, in every API version from before acacia to endive.

Only what we read is named; unknown fields are ignored, and a field that exists in some versions only is
optional. What may be an id or, expanded, the object itself is `str | Ref` (or the object's own struct).
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

Raw = dict[str, Any]
Body = Raw | bytes
"""An object as it came, or the JSON of it."""
Positive = Annotated[int, msgspec.Meta(ge=1)]
Status = Literal[
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"
]
TiersMode = Literal["graduated", "volume"]


class Wire(msgspec.Struct, gc=False):
    """Trees without cycles: nothing for the garbage collector to look at."""


class Whole(Wire, kw_only=True):
    """What Stripe lists by itself."""

    id: str
    livemode: bool | None = None


class Ref(Wire):
    """An expanded object of which only the id matters."""

    id: str


# Catalogue


class Product(Whole):
    name: str
    active: bool | None = None
    metadata: dict[str, str] | None = None


class Recurring(Wire):
    interval: str
    interval_count: Positive = 1
    usage_type: str | None = None


class Transform(Wire):
    divide_by: Positive
    round: Literal["up", "down"] = "up"


class Tier(Wire):
    """`up_to` is "inf" where a price was created that way and not yet normalised by Stripe."""

    up_to: int | Literal["inf"] | None = None
    unit_amount: Decimal | None = None
    unit_amount_decimal: Decimal | None = None
    flat_amount: Decimal | None = None
    flat_amount_decimal: Decimal | None = None


class CurrencyOption(Wire):
    """What a price costs in another currency than its own."""

    unit_amount: Decimal | None = None
    unit_amount_decimal: Decimal | None = None
    tiers: list[Tier] | None = None


class Price(Whole):
    currency: str
    product: str | Ref | None = None
    unit_amount: Decimal | None = None
    unit_amount_decimal: Decimal | None = None
    recurring: Recurring | None = None
    tiers_mode: TiersMode | None = None
    tiers: list[Tier] | None = None
    transform_quantity: Transform | None = None
    currency_options: dict[str, CurrencyOption] | None = None
    nickname: str | None = None


class Plan(Wire):
    """What a price was called before 2020; still beside it in older versions."""

    id: str
    currency: str
    interval: str
    interval_count: Positive = 1
    product: str | Ref | None = None
    amount: Decimal | None = None
    amount_decimal: Decimal | None = None
    usage_type: str | None = None
    tiers_mode: TiersMode | None = None
    tiers: list[Tier] | None = None
    transform_usage: Transform | None = None
    nickname: str | None = None


class AppliesTo(Wire):
    products: list[str] = []


class CouponAmount(Wire):
    amount_off: int


class Coupon(Whole):
    duration: Literal["once", "repeating", "forever"]
    created: int | None = None
    duration_in_months: int | None = None
    percent_off: Decimal | None = None
    percent_off_precise: Decimal | None = None
    amount_off: int | None = None
    currency: str | None = None
    currency_options: dict[str, CouponAmount] | None = None
    applies_to: AppliesTo | None = None
    name: str | None = None


class DiscountSource(Wire):
    coupon: str | Coupon | None = None


class Discount(Wire):
    """`coupon` up to basil, `source.coupon` from clover on. A customer's own names no subscription. Payloads
    of before 2020 have no `id`."""

    start: int
    id: str = ""
    end: int | None = None
    customer: str | Ref | None = None
    subscription: str | None = None
    subscription_item: str | None = None
    coupon: str | Coupon | None = None
    source: DiscountSource | None = None


# Customers and subscriptions


class Customer(Whole):
    created: int = 0
    name: str | None = None
    email: str | None = None
    metadata: dict[str, str] | None = None
    deleted: bool | None = None
    discount: Discount | None = None


class TaxRate(Wire):
    inclusive: bool
    percentage: Decimal
    effective_percentage: Decimal | None = None


class SubscriptionItem(Wire):
    id: str
    price: str | Price | None = None
    plan: str | Plan | None = None
    quantity: int | None = None
    created: int | None = None
    discounts: list[str | Discount] | None = None
    tax_rates: list[TaxRate] | None = None
    current_period_start: int | None = None
    current_period_end: int | None = None


class SubscriptionItems(Wire):
    data: list[SubscriptionItem]
    has_more: bool | None = None


class PauseCollection(Wire):
    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"]
    resumes_at: int | None = None


class TrialEndBehavior(Wire):
    missing_payment_method: str | None = None


class TrialSettings(Wire):
    end_behavior: TrialEndBehavior | None = None


class Subscription(Whole):
    customer: str | Ref
    status: Status
    items: SubscriptionItems
    created: int
    currency: str | None = None
    start_date: int | None = None
    current_period_start: int | None = None
    current_period_end: int | None = None
    discount: Discount | None = None
    discounts: list[str | Discount] | None = None
    default_tax_rates: list[TaxRate] | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool | None = None
    canceled_at: int | None = None
    ended_at: int | None = None
    pause_collection: PauseCollection | None = None
    collection_method: str | None = None
    schedule: str | Ref | None = None
    latest_invoice: str | Ref | None = None
    pending_update: Raw | None = None
    trial_settings: TrialSettings | None = None


class PhaseDiscount(Wire):
    coupon: str | Coupon | None = None
    discount: str | Discount | None = None


class PhaseItem(Wire):
    price: str | Ref | None = None
    plan: str | Ref | None = None
    quantity: int | None = None
    discounts: list[PhaseDiscount] | None = None


class Phase(Wire):
    start_date: int
    end_date: int
    items: list[PhaseItem]
    discounts: list[PhaseDiscount] | None = None
    coupon: str | Coupon | None = None


class SubscriptionSchedule(Whole):
    phases: list[Phase]
    status: str
    subscription: str | Ref | None = None
    released_subscription: str | None = None
    released_at: int | None = None
    canceled_at: int | None = None
