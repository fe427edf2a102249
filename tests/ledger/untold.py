"""What Stripe's lists and invoices cannot tell, found in the events that do; the rest it must tell."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eqho.stripe_simulator.calendar import HOUR
from tests.oracle.simulator import Simulator

Raw = dict[str, Any]


@dataclass(frozen=True)
class Untold:
    """A stretch of a subscription, or of one item, of which only an event knows the truth."""

    kind: str
    subscription: str
    start: int
    end: int
    item: str | None = None


class Records:
    """The account's own objects and its whole history, by subscription."""

    def __init__(self, sim: Simulator) -> None:
        account = sim.account
        self.now = sim.now
        self.facts = sim.truth.facts()
        created = account.every("event", types=["coupon.created"])
        self.coupons = {event["data"]["object"]["id"]: event["data"]["object"] for event in created}
        self.subscriptions = list(account.every("subscription", status="all"))
        self.discount_of = {c["id"]: (c["discount"] or {}).get("id") for c in account.every("customer")}
        self.invoices: dict[str, list[Raw]] = defaultdict(list)
        for invoice in sorted(account.every("invoice"), key=lambda body: int(body["created"])):
            self.invoices[_subscription_of(invoice)].append(invoice)
        self.pending: dict[str, list[Raw]] = defaultdict(list)
        for item in account.every("invoiceitem", pending=True):
            self.pending[_subscription_of(item)].append(item)
        self.events: dict[str, list[Raw]] = defaultdict(list)
        self.discounts: list[Raw] = []
        for event in reversed(list(account.every("event"))):
            if event["type"].startswith("customer.subscription."):
                self.events[event["data"]["object"]["id"]].append(event)
            elif event["type"].startswith("customer.discount."):
                self.discounts.append(event)

    def next_bill(self, subscription: str, after: int, *, void: bool = False, costs: bool = False) -> int:
        """When the next period begins that an invoice bills (if asked, a void one too, or only one that costs
        something), and an hour more, for so long it is a draft; now where there is none."""
        statuses = {"open", "paid", "uncollectible", *(["void"] if void else [])}
        starts = [
            line["period"]["start"]
            for invoice in self.invoices[subscription]
            if invoice["status"] in statuses
            for line in invoice["lines"]["data"]
            if _is_full(line) and line["period"]["start"] > after and (not costs or _cost(line) > 0)
        ]
        return min(starts, default=self.now) + HOUR

    def says(self, subscription: str, item: str, instant: int) -> bool:
        """Whether a line, of whatever invoice, states what an item became at the instant."""
        lines = [line for invoice in self.invoices[subscription] for line in invoice["lines"]["data"]]
        pending = [each["parent"]["subscription_details"] for each in self.pending[subscription]]
        starts = [(_details(line).get("subscription_item"), line["period"]["start"]) for line in lines]
        starts += [
            (details.get("subscription_item"), each["period"]["start"])
            for details, each in zip(pending, self.pending[subscription], strict=True)
        ]
        return (item, instant) in starts


def untold(sim: Simulator) -> list[Untold]:
    records = Records(sim)
    searches = (
        _changes_without_proration, _changes_while_free, _changes_in_the_second_of_a_bill, _come_and_gone,
        _pauses, _pauses_while_nothing_is_due, _unpaid, _drafts, _discounts_removed,
        _discounts_never_billed, _discounts_of_customers_behind_own_ones,
    )  # fmt: skip
    return [found for search in searches for found in search(records)]


def _changes_without_proration(records: Records) -> Iterator[Untold]:
    for subscription, event in _updates(records):
        at, body, before = event["created"], event["data"]["object"], event["data"]["previous_attributes"]
        changed = _terms(body["items"]) ^ _terms(before["items"]) if "items" in before else set()
        if not all(records.says(subscription, item, at) for item, _, _ in changed):
            on_drafts = (body["pause_collection"] or {}).get("behavior") == "keep_as_draft"
            start = _period_start(body) if on_drafts else at
            yield Untold("change without proration", subscription, start, records.next_bill(subscription, at))


def _changes_while_free(records: Records) -> Iterator[Untold]:
    """Where a coupon takes everything off, the credit for the old state and the charge for the new are both
    0, and but for what newer API versions add they look the same."""
    for subscription, invoices in records.invoices.items():
        lines = [line for invoice in invoices for line in invoice["lines"]["data"] if _is_proration(line)]
        for line in [*lines, *records.pending[subscription]]:
            if line["amount"] == 0:
                yield Untold(
                    "change while free", subscription, line["period"]["start"], line["period"]["end"]
                )


def _changes_in_the_second_of_a_bill(records: Records) -> Iterator[Untold]:
    """Nobody can tell the bill of what was from the bill of what came of it."""
    for subscription, events in records.events.items():
        seconds = Counter(event["created"] for event in events)
        for event in events:
            at, body = event["created"], event["data"]["object"]
            if seconds[at] > 1 and _period_start(body) == at:
                start = body["start_date"] if body["created"] == at else at
                end = records.next_bill(subscription, at)
                yield Untold("change in the second of a bill", subscription, start, end)


def _come_and_gone(records: Records) -> Iterator[Untold]:
    """An item that was added and removed in one second: to the bills it might have been changed instead."""
    for subscription, events in records.events.items():
        made: dict[str, int] = {}
        for event in events:
            at, items = event["created"], {item["id"] for item in event["data"]["object"]["items"]["data"]}
            for item in made.keys() - items:
                if made[item] == at:
                    yield Untold("come and gone", subscription, at, records.next_bill(subscription, at), item)
            made = {item: made.get(item, at) for item in items}


def _pauses(records: Records) -> Iterator[Untold]:
    """Beginning and end of a pause are known to the bill that follows."""
    for subscription, event in _updates(records):
        at, body, before = event["created"], event["data"]["object"], event["data"]["previous_attributes"]
        if "pause_collection" in before:
            old = {**(body["pause_collection"] or {}), **(before["pause_collection"] or {})}
            ever = {old.get("behavior"), (body["pause_collection"] or {}).get("behavior")}
            if not ever <= {"keep_as_draft", None}:
                yield Untold("pause", subscription, at, records.next_bill(subscription, at, void=True))


def _pauses_while_nothing_is_due(records: Records) -> Iterator[Untold]:
    """A pause that writes bills off leaves those of nothing standing, as if there were no pause."""
    for pause in (fact for fact in records.facts if fact.state == "paused"):
        bills = records.invoices[pause.subscription]
        over = pause.end or records.now
        asking = (bill["created"] for bill in bills if _asks_for_money(bill) and bill["created"] >= over)
        end = next(asking, records.now)
        if any(pause.start <= bill["created"] < end and not _asks_for_money(bill) for bill in bills):
            yield Untold("pause while nothing is due", pause.subscription, pause.start, end)


def _unpaid(records: Records) -> Iterator[Untold]:
    """An unpaid subscription is out from an instant that no invoice names, and once its arrears are paid
    nothing is left of it."""
    for subscription, events in records.events.items():
        failing: int | None = None
        for event in events:
            at, body = event["created"], event["data"]["object"]
            if body["status"] == "past_due" and failing is None:
                failing = _period_start(body)
            elif body["status"] == "unpaid":
                start = _period_start(body) if failing is None else failing
                back = next((e["created"] for e in events if e["created"] > at and _is_back(e)), records.now)
                yield Untold("unpaid", subscription, start, records.next_bill(subscription, back))
            elif body["status"] == "active":
                failing = None


def _drafts(records: Records) -> Iterator[Untold]:
    """A draft may still be changed: what it says of a new period is not believed."""
    for subscription, invoices in records.invoices.items():
        for invoice in invoices:
            if invoice["status"] == "draft":
                end = records.next_bill(subscription, invoice["created"])
                yield Untold("kept as a draft", subscription, invoice["created"], end)


def _discounts_removed(records: Records) -> Iterator[Untold]:
    for event in records.discounts:
        at, discount = event["created"], event["data"]["object"]
        early = discount["end"] is None or at < discount["end"]
        if event["type"].endswith("deleted") and early and _lasts(records, discount):
            for subscription in _concerned(records, discount):
                end = records.next_bill(subscription, at, costs=True)
                yield Untold("discount removed", subscription, at, end)


def _discounts_never_billed(records: Records) -> Iterator[Untold]:
    """Discounts that no invoice shows on an item, and that do not stand on it at the end either."""
    known = {
        (part["discount"], _details(line).get("subscription_item"))
        for invoices in records.invoices.values()
        for invoice in invoices
        if invoice["status"] in ("open", "paid", "uncollectible")
        for line in invoice["lines"]["data"]
        if line["amount"] >= 0
        for part in line["discount_amounts"]
    }
    for body in records.subscriptions:
        shared = [*body["discounts"], records.discount_of.get(body["customer"])]
        known |= {(d, item["id"]) for item in body["items"]["data"] for d in [*shared, *item["discounts"]]}
    items = {(fact.subscription, fact.item) for fact in records.facts}
    for event in records.discounts:
        discount = event["data"]["object"]
        concerned = set(_concerned(records, discount))
        spread = records.coupons[discount["source"]["coupon"]]["amount_off"] is not None
        for subscription, item in items if _lasts(records, discount) else ():
            own = discount["subscription_item"] in (None, item)
            if subscription in concerned and own and (discount["id"], item) not in known:
                end = discount["end"] or records.now
                whole = spread and discount["subscription_item"] is None
                yield Untold(
                    "discount never billed", subscription, discount["start"], end, None if whole else item
                )


def _discounts_of_customers_behind_own_ones(records: Records) -> Iterator[Untold]:
    """A subscription's own discount takes the place of its customer's, which no invoice shows then."""
    given = [event["data"]["object"] for event in records.discounts]
    for discount in given:
        for subscription in _concerned(records, discount) if discount["subscription"] is None else ():
            if any(own["subscription"] == subscription for own in given):
                kind = "customer's discount behind an own one"
                yield Untold(kind, subscription, discount["start"], records.now + HOUR)


def _updates(records: Records) -> Iterator[tuple[str, Raw]]:
    for subscription, events in records.events.items():
        yield from ((subscription, e) for e in events if e["type"].endswith(".updated"))


def _concerned(records: Records, discount: Raw) -> list[str]:
    if discount["subscription"] is not None:
        return [discount["subscription"]]
    return [body["id"] for body in records.subscriptions if body["customer"] == discount["customer"]]


def _lasts(records: Records, discount: Raw) -> bool:
    return bool(records.coupons[discount["source"]["coupon"]]["duration"] != "once")


def _terms(items: Raw) -> set[tuple[str, str, int | None]]:
    return {(item["id"], item["price"]["id"], item.get("quantity")) for item in items["data"]}


def _period_start(body: Raw) -> int:
    return int(body["items"]["data"][0]["current_period_start"])


def _is_back(event: Raw) -> bool:
    return event["data"]["object"]["status"] != "unpaid"


def _asks_for_money(invoice: Raw) -> bool:
    return invoice["amount_due"] > 0 or invoice["status"] != "paid"


def _details(line: Raw) -> Raw:
    return line["parent"]["subscription_item_details"] or {}


def _cost(line: Raw) -> int:
    return int(line["amount"]) - sum(part["amount"] for part in line["discount_amounts"])


def _is_proration(line: Raw) -> bool:
    return bool(_details(line).get("proration"))


def _is_full(line: Raw) -> bool:
    return bool(_details(line)) and not _is_proration(line)


def _subscription_of(body: Raw) -> str:
    details = (body["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription") or ""
