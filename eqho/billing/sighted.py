"""What the sync itself kept among the events: in which form it first saw a subscription."""

from collections.abc import Iterable, Iterator

from eqho.billing import wire
from eqho.billing.objects import Snapshot
from eqho.billing.reading import Reader
from eqho.billing.subscriptions import Subscriptions
from eqho.billing.wire_invoices import Event

SIGHTING = "eqho.sighting"
BEGAN = "eqho.sightings_began"
DISCOUNT_GONE = "eqho.sighting_of_no_discount"
"""A customer does not have the discount any more that it was seen with."""


class Sighted:
    """Picks the sightings out of the events; they are read once prices and coupons are known."""

    def __init__(self) -> None:
        self.since: int | None = None
        self._bodies: list[tuple[int, wire.Subscription]] = []

    def taken_from(self, events: Iterable[Event], reader: Reader) -> Iterator[Event]:
        """The other events."""
        for event in events:
            if event.type == BEGAN:
                self.since = event.created
            elif event.type != SIGHTING:
                yield event
            elif body := reader.decode("subscription", event.data.object, wire.Subscription):
                self._bodies.append((event.created, body))

    def changes(self, subscriptions: Subscriptions) -> tuple[Snapshot, ...]:
        """Oldest first."""
        read = ((at, subscriptions.subscription(body)) for at, body in self._bodies)
        return tuple(Snapshot(at, subscription) for at, subscription in read if subscription is not None)
