"""What is read of a range at once is what each of its instants says by itself."""

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from eqho.metrics import formulas, retention
from eqho.metrics.course import Course
from eqho.metrics.moment import Moment
from eqho.metrics.movements import movements
from eqho.metrics.policy import STRIPE
from eqho.periods import PeriodLength, day_of, periods
from tests.metrics.random_spans import CURRENCY, HISTORIES, NOWS, POLICY, PRODUCT, scene

ZONES = st.sampled_from(["UTC", "Asia/Tokyo"])
LENGTHS: list[PeriodLength] = ["day", "week", "month", "quarter"]


@given(HISTORIES, PRODUCT, NOWS, POLICY, CURRENCY, st.sampled_from(LENGTHS), ZONES)
def test_subscriptions_and_retention_of_a_range(
    rows: list, product: str, now: int, policy: str, currency: str, length: PeriodLength, zone: str
) -> None:
    told = scene(rows, product, now, policy, currency, zone)
    spanned = periods(date(2025, 1, 1), day_of(now, told.zone), length, ZoneInfo(zone))
    course = Course.of(told, spanned)
    alone = [Moment(told, row, row.period.sample(told.at)) for row in movements(told.book, spanned, told.at)]
    assert course.subscriptions.tolist() == [formulas.subscriptions(moment) for moment in alone]
    by_30_days = [retention.customer_churn_rate(told.book, m.row, STRIPE, m.now) for m in alone]
    assert course.churn_of_30_days == by_30_days
    assert course.year_retention == [formulas.year_retention(moment) for moment in alone]
