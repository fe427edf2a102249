from eqho.sync.invoices_expected import invoices_expected
from tests.services.plain_account import DAY, NOW, subscription


def test_a_monthly_subscription_has_an_invoice_for_each_month_since_it_was_made() -> None:
    assert invoices_expected([subscription(1, NOW - 365 * DAY)], NOW) == 13


def test_one_that_ended_has_none_after_its_end() -> None:
    assert invoices_expected([subscription(1, NOW - 365 * DAY, ended_at=NOW - 300 * DAY)], NOW) == 3


def test_the_shortest_rhythm_of_the_items_counts_and_older_shapes_are_read() -> None:
    yearly = subscription(1, NOW - 730 * DAY)
    yearly["items"]["data"][0]["price"]["recurring"] |= {"interval": "year"}
    assert invoices_expected([yearly], NOW) == 3
    plan = {"id": "plan_1", "interval": "week", "interval_count": 2}
    old = subscription(2, NOW - 28 * DAY)
    old["items"]["data"] = [{"id": "si_2", "plan": plan}]
    assert invoices_expected([old], NOW) == 3
    assert invoices_expected([{"id": "sub_3"}], NOW) == 1
