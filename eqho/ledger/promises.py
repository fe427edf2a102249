"""What a trial would bring: the items that stand on the subscription, as its first bill will value them."""

from fractions import Fraction

import msgspec

from eqho.billing.objects import Discount, Subscription
from eqho.billing.pricing import ItemState, Worth, charge, worths
from eqho.ledger.statements import state_today


class Promise(msgspec.Struct, frozen=True):
    """One item. `worth` in MRR units of `currency`; None where its price tells no amount. `line` "" until
    its part is labelled."""

    line: str
    product: str
    price: str
    currency: str
    worth: Worth | None


def promises_of(subscription: Subscription) -> tuple[Promise, ...]:
    """Nothing without a trial. Metered items are named without an amount: usage is not MRR."""
    ends = subscription.trial_end
    if ends is None:
        return ()
    states = {
        item.id: _at_the_end(state_today(item, subscription, Fraction(0)), ends)
        for item in subscription.items
        if not item.price.metered and item.price.interval is not None
    }
    told = {id: state for id, state in states.items() if _has_an_amount(state)}
    values = dict(zip(told, worths(list(told.values())), strict=True))
    return tuple(
        Promise(
            "",
            item.price.product,
            item.price.id,
            item.price.currency,
            values.get(item.id),
        )
        for item in subscription.items
    )


def _at_the_end(state: ItemState, at: int) -> ItemState:
    return msgspec.structs.replace(state, discounts=tuple(d for d in state.discounts if _holds(d, at)))


def _holds(discount: Discount, at: int) -> bool:
    return discount.start <= at and (discount.end is None or at < discount.end)


def _has_an_amount(state: ItemState) -> bool:
    try:
        charge(state.price, state.quantity)
    except ValueError:
        return False
    return True
