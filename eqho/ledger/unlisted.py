"""Subscriptions that only invoices know: some sources forget the ones that ended, but not their bills."""

from collections import defaultdict
from collections.abc import Sequence

from eqho.billing.objects import Account, Invoice, Line, Subscription
from eqho.issues import Issue


def unlisted_subscriptions(account: Account, now: int) -> list[Subscription]:
    """One for each that a paid invoice names and no list holds, ended with the last period that was paid,
    and before `now`: else it would be listed. What was listed but could not be read is not brought back."""
    paid: dict[str, list[tuple[Invoice, Line]]] = defaultdict(list)
    for invoice in account.invoices:
        if invoice.status != "paid":
            continue
        for line in invoice.lines:
            owner = line.subscription or invoice.subscription
            if owner and owner not in account.subscriptions and owner not in account.unread_subscriptions:
                paid[owner].append((invoice, line))
    return [_ended(name, told, now) for name, told in sorted(paid.items())]


def unlisted_issue(names: Sequence[str]) -> list[Issue]:
    """Of subscriptions by their ids."""
    if not names:
        return []
    message = (
        "These subscriptions are known by their invoices only: their history is inferred from them, and each "
        "is taken to have ended with the last period that was paid."
    )
    return [Issue("unlisted_subscriptions", message, tuple(names))]


def _ended(name: str, told: list[tuple[Invoice, Line]], now: int) -> Subscription:
    """Without items: what stood on it is what its lines say. Credits give time back, so the periods they name
    were not served to their end."""
    first = min((invoice for invoice, _ in told), key=lambda invoice: invoice.created)
    served = [line for _, line in told if not line.credit] or [line for _, line in told]
    start = min(line.start for line in served)
    ended = min(max(line.end for line in served), now)
    return Subscription(
        id=name,
        customer=first.customer,
        status="canceled",
        currency=first.currency,
        items=(),
        created=min(first.created, start),
        start=start,
        ended_at=max(ended, start),
    )
