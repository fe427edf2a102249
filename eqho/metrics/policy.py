"""The conventions in which tools differ, each a switch of its own, in two named presets."""

from typing import Literal

import msgspec


class MrrPolicy(msgspec.Struct, frozen=True):
    """`repeating_coupons`: subtracted until they end, or not at all.
    `churn_at`: when the subscription ended, or when its cancellation was requested.
    `churn_rate`: on the month's opening customers, or on a rolling 30 days.
    `months_at_zero_churn`: lifetime assumed where nobody churned; None leaves LTV undefined.
    """

    name: str
    repeating_coupons: bool
    churn_at: Literal["ended", "requested"]
    churn_rate: Literal["month", "rolling_30_days"]
    months_at_zero_churn: int | None


EQHO = MrrPolicy("eqho", True, "ended", "month", None)
STRIPE = MrrPolicy("stripe", False, "requested", "rolling_30_days", 60)
POLICIES = {policy.name: policy for policy in (EQHO, STRIPE)}
