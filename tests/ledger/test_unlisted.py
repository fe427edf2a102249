"""Some sources forget subscriptions that ended: their paid invoices still say what stood, and how long."""

from eqho.billing.normalise import read_account
from eqho.ledger.build import build_ledger
from tests.ledger.stripe_account import BASIC, PRO, YEARLY, Lines, column, invoice, ledger, line, months, rows
from tests.services import plain_account

NOW = plain_account.NOW
DAY = plain_account.DAY


def test_a_forgotten_subscription_ends_with_the_last_period_that_was_paid_and_is_inferred():
    told = ledger(invoices=months(BASIC, "2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15"))
    assert rows(told.spans) == [("2026-01-15", "2026-04-15", 100.0)]
    assert column(told.spans, "inferred") == [True]
    assert [(i.code, i.subjects) for i in told.issues] == [("unlisted_subscriptions", ("sub_1",))]
    assert [(f.id, f.status, f.lines) for f in told.subscriptions] == [("sub_1", "canceled", ("towpilot",))]


def test_its_upgrade_is_dated_by_the_proration_and_an_unpaid_last_bill_does_not_prolong_it():
    upgrade = invoice(
        line(BASIC, "2026-02-01", "2026-02-15", amount=-4667, proration=True, credit=True),
        line(PRO, "2026-02-01", "2026-02-15", amount=23333, proration=True),
        created="2026-02-01",
    )
    unpaid = invoice(line(PRO, "2026-03-15", "2026-04-15"), status="open")
    told = ledger(
        invoices=[
            *months(BASIC, "2026-01-15", "2026-02-15"), upgrade,
            *months(PRO, "2026-02-15", "2026-03-15"), unpaid,
        ]
    )  # fmt: skip
    assert rows(told.spans) == [("2026-01-15", "2026-02-01", 100.0), ("2026-02-01", "2026-03-15", 500.0)]


def test_one_that_is_paid_beyond_today_ends_today_for_else_it_would_be_listed():
    told = ledger(invoices=[invoice(line(YEARLY, "2026-01-15", "2027-01-15"))])
    assert rows(told.spans) == [("2026-01-15", "2026-06-15", 100.0)]


def test_invoices_that_nobody_paid_make_no_subscription():
    told = ledger(invoices=[invoice(line(BASIC, "2026-01-15", "2026-02-15"), status="void")])
    assert rows(told.spans) == []
    assert told.subscriptions == ()


def test_a_subscription_that_is_listed_but_cannot_be_read_is_not_brought_back_by_its_invoices():
    broken = plain_account.subscription(1, NOW - 90 * DAY, currency="zzz")
    invoices = [plain_account.invoice(1, 1, NOW - 90 * DAY)]
    account, issues = read_account(
        {"price": [plain_account.price()], "subscription": [broken], "invoice": invoices}
    )
    assert account.unread_subscriptions == {"sub_000001"}
    assert [issue.code for issue in issues] == ["unknown_currency"]
    assert build_ledger(account, Lines(), NOW).subscriptions == ()
