"""What a shape cannot tell, and which numbers that costs: one sentence for each loss."""

from eqho.issues import NOT_IN_SOURCE, PAST_UNKNOWN, Issue
from eqho.sources.supabase.shapes import Layout, Shape

_ENDED = (
    "The sync engine lists no subscription that ended before it was set up: those are known by their "
    "invoices only, so their ends are inferred, and trials that never paid are missing from trial conversion."
)
_COUPONS = (
    "The sync engine stores no coupons: a discount that is named by its id only is not subtracted from MRR "
    "unless an invoice shows it, and a coupon for some products only is taken off every item of its "
    "subscription."
)
_TIERS = (
    "The sync engine stores no price tiers: items with a tiered price are worth what their quantity was last "
    "billed at; one that was never billed has no MRR and is named where it is left out."
)
_EVENTS = (
    "The sync engine stores no events and no pending invoice items: a change without an invoice is dated at "
    "the refresh that saw it, in movements, retention and cohorts."
)
_ONE_DISCOUNT = (
    "This engine keeps one discount of a subscription and none of its items: MRR is too high where there "
    "were more. A coupon for some products only is taken off every item of its subscription."
)
_OF_SHAPE = {
    Shape.MANAGED: (_ENDED, _COUPONS, _TIERS, _EVENTS),
    Shape.REPLIT: (_ENDED, _COUPONS, _TIERS, _EVENTS),
    Shape.LIBRARY: (_ONE_DISCOUNT, _TIERS, _EVENTS),
    Shape.SIMPLE: (
        "The simple tables hold no trials' ends, discounts and second items where something else than "
        "supabase_push fills them: MRR is then what their amounts say.",
    ),
}
_OF_TABLE = {
    "product": "products, so everything counts as unmapped",
    "price": "prices, so only those inside subscriptions are known",
    "customer": "customers, so there are no customer names, tags and exclusions",
    "credit_note": "credit notes, so they are missing from cash",
    "refund": "refunds, so they are missing from cash",
    "dispute": "disputes, so they are missing from cash",
    "subscription_schedule": "subscription schedules, so changes they make are dated by invoices",
}
_NO_PAST = (
    "The past is told by invoices, of which this project has none: movements, retention, churn, cohorts and "
    "every number before today are not defined."
)


def coverage(layout: Layout) -> list[Issue]:
    issues = [Issue(NOT_IN_SOURCE, sentence) for sentence in _OF_SHAPE[layout.shape]]
    denied = {kind for issue in layout.issues for kind in issue.subjects}
    if layout.shape is not Shape.SIMPLE:
        issues += [
            Issue(NOT_IN_SOURCE, f"This project has no table of {lost}.", (kind,))
            for kind, lost in _OF_TABLE.items()
            if kind not in layout.tables and kind not in denied
        ]
    if "invoice" not in layout.tables:
        issues.append(Issue(PAST_UNKNOWN, _NO_PAST, ("invoice",)))
    return issues
