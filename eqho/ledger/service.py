"""From when on a subscription's items count: from the day they were made, or from the first period that was
billed where that began earlier. An imported start that nobody was billed for counts nothing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from eqho.billing.objects import Line, Price
from eqho.billing.pricing import ItemState
from eqho.ledger.proposals import gives_back
from eqho.ledger.records import Records
from eqho.ledger.spans import Evidence
from eqho.ledger.statements import Assertion, has_value, is_licensed, price_of
from eqho.ledger.trials import AT_ONCE, Trials

Histories = dict[str, list[Assertion]]


def served_from(records: Records, trials: Trials) -> int:
    """Of what was never billed."""
    created = records.subscription.created
    return trials.first.end if trials.first and trials.first.end > created else created


def begun_with_service(
    histories: Histories, records: Records, prices: Mapping[str, Price], trials: Trials
) -> Histories:
    """The histories, each from when its item was made: a bill may come long after."""
    current = {item.id: item.created for item in records.subscription.items}
    return {
        item: _begun(history, _made(item, history, current, records, prices, trials), records, item, prices)
        for item, history in histories.items()
    }


def _made(
    item: str,
    history: Sequence[Assertion],
    current: Mapping[str, int],
    records: Records,
    prices: Mapping[str, Price],
    trials: Trials,
) -> int | None:
    """When the item was made, None where nothing tells. Of one that is gone it is known only where the first
    bill of its subscription has it."""
    created = records.subscription.created
    tried = trials.first is not None and trials.first.start - created <= AT_ONCE
    made = current.get(item)
    if made is not None and made > created + 1:
        return max(made, served_from(records, trials))
    if tried or not history:
        return None
    if made is None and (_is_added(history[0]) or history[0].at > _first_bill(records, prices)):
        return None
    return created


def _is_added(first: Assertion) -> bool:
    """The charge for the rest of a period, and an event, say when an item came."""
    return first.state is not None and first.evidence is not Evidence.INVOICE


def _first_bill(records: Records, prices: Mapping[str, Price]) -> int:
    return min(
        (
            line.start
            for lines in records.lines.values()
            for line in lines
            if not line.proration and is_licensed(line, prices)
        ),
        default=0,
    )


def _begun(
    history: list[Assertion], made: int | None, records: Records, item: str, prices: Mapping[str, Price]
) -> list[Assertion]:
    if made is None or not history or history[0].at <= made:
        return history
    first = history[0]
    state = _credited(records.lines.get(item, ()), first, prices) or first.state
    if state is None:
        return history
    return [Assertion(made, made, state, first.evidence, first.invoice), *history]


def _credited(lines: Sequence[Line], first: Assertion, prices: Mapping[str, Price]) -> ItemState | None:
    """What was given back at the first change is what there was before it."""
    given_back = [
        line for line in lines if line.start == first.at and gives_back(line) and is_licensed(line, prices)
    ]
    if not given_back:
        return None
    price = price_of(given_back[0], prices)
    quantity = sum((line.quantity or Decimal(0) for line in given_back), Decimal(0))
    if not has_value(price, quantity):
        return None
    if first.state is None:
        return ItemState(price, quantity)
    return replace(first.state, price=price, quantity=quantity, gross=None)
