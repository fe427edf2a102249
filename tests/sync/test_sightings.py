"""A change that nobody can date counts from the first sync that saw it, and stays there: through later syncs,
further changes, full pulls and restarts."""

from pathlib import Path
from typing import Any

import pytest

from eqho.billing.normalise import read_account
from eqho.billing.sighted import SIGHTING
from eqho.issues import Issue
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.spans import Evidence, State
from eqho.periods import FAR, rfc3339
from eqho.sources.base import KINDS
from eqho.store.base import Store
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.stripe_simulator.account import StripeAccount
from tests.conftest import MongoDatabase
from tests.services.plain_account import DAY, NOW, customer, invoice, price, product, subscription
from tests.sync.rig import Rig, rig
from tests.tiers.rig import LINES

MADE = NOW - 100 * DAY
YEARLY = price(amount=480_000, recurring={"interval": "year", "interval_count": 1, "usage_type": "licensed"})
HOUR = 3_600


def contract(quantity: int, **more: Any) -> dict[str, Any]:
    body = subscription(1, MADE, **more)
    item = body["items"]["data"][0]
    item |= {"price": YEARLY, "quantity": quantity, "current_period_end": MADE + 365 * DAY}
    return body


def account(quantity: int = 1) -> StripeAccount:
    """$400 a month, paid for a year; how many it is now no bill tells."""
    made = StripeAccount(now=NOW)
    bill = invoice(1, 1, MADE)
    bill["lines"]["data"][0] |= {"amount": 480_000, "period": {"start": MADE, "end": MADE + 365 * DAY}}
    for kind, body in (
        ("product", product()), ("price", YEARLY), ("customer", customer(1, MADE)), ("invoice", bill),
        ("subscription", contract(quantity)),
    ):  # fmt: skip
        made.put(kind, body)
    return made


def told(r: Rig) -> Ledger:
    bodies = {kind: r.store.objects(kind) for kind in KINDS}
    read, unread = read_account({**bodies, "event": r.store.events()})
    assert unread == []
    return build_ledger(read, LINES, r.now)


def steps(r: Rig) -> list[tuple[int, int, float, State]]:
    """(start, end, MRR in dollars, state), oldest first; what goes on in another span is one."""
    found: list[tuple[int, int, float, State]] = []
    s = told(r).spans
    for start, end, net, state in sorted(zip(s.start, s.end, s.net_eqho, s.state, strict=True)):
        worth = (float(net) / 1_000_000, State(state))
        goes_on = found and (found[-1][1], found[-1][2:]) == (start, worth)
        found.append((found.pop()[0] if goes_on else int(start), int(end), *worth))
    return found


def relist(r: Rig) -> int:
    """A day later everything is listed again. When that was."""
    assert r.run(after=DAY + 1).full
    return r.now


@pytest.fixture(params=("embedded", "mongodb"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "embedded":
        return EmbeddedStore(tmp_path / "eqho.db")
    database: MongoDatabase = request.getfixturevalue("mongo_database")
    return MongoStore(database.url, database.name)


def test_a_quantity_that_no_event_tells_counts_from_the_relist_that_saw_it(
    tmp_path: Path, store: Store
) -> None:
    with rig(account(), tmp_path, store) as r:
        r.run()
        r.server.account.put("subscription", contract(3))
        seen = relist(r)
        expected = [(MADE, seen, 400.0, State.ACTIVE), (seen, FAR, 1_200.0, State.ACTIVE)]
        assert steps(r) == expected
        relist(r)
        assert steps(r) == expected
        r.new_process()
        relist(r)
        assert steps(r) == expected


def test_it_stays_there_when_the_quantity_changes_again(tmp_path: Path, store: Store) -> None:
    with rig(account(), tmp_path, store) as r:
        r.run()
        r.server.account.put("subscription", contract(3))
        first = relist(r)
        relist(r)
        r.server.account.put("subscription", contract(2))
        second = relist(r)
        relist(r)
        assert steps(r) == [
            (MADE, first, 400.0, State.ACTIVE),
            (first, second, 1_200.0, State.ACTIVE),
            (second, FAR, 800.0, State.ACTIVE),
        ]


def test_what_had_changed_before_the_first_connection_counts_from_it_for_ever(tmp_path: Path) -> None:
    with rig(account(quantity=5), tmp_path) as r:
        r.run()
        expected = [(MADE, NOW, 400.0, State.ACTIVE), (NOW, FAR, 2_000.0, State.ACTIVE)]
        assert steps(r) == expected
        relist(r)
        assert steps(r) == expected
        r.server.account.put("subscription", contract(1))
        back = relist(r)
        assert steps(r) == [
            (MADE, NOW, 400.0, State.ACTIVE),
            (NOW, back, 2_000.0, State.ACTIVE),
            (back, FAR, 400.0, State.ACTIVE),
        ]


def test_the_change_is_listed_with_its_date_and_the_range_it_lies_in(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        r.run()
        r.server.account.put("subscription", contract(3))
        seen = relist(r)
        relist(r)
        ledger = told(r)
        assert ledger.issues == (
            Issue(
                "undated",
                "These subscription items changed at a time that Stripe's data does not tell, between "
                f"{rfc3339(MADE)} and {rfc3339(seen)}: each counts from the later one, its first sight.",
                ("si_000001_0",),
            ),
        )
        assert Evidence.SIGHTING in ledger.spans.evidence


def test_an_event_that_tells_beats_the_sight(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        r.run()
        r.pass_time(900)
        r.server.account.put("subscription", contract(3))
        happened = r.now - 300
        r.server.account.record("evt_1", "customer.subscription.updated", contract(3), happened)
        r.run()
        assert steps(r) == [(MADE, happened, 400.0, State.ACTIVE), (happened, FAR, 1_200.0, State.ACTIVE)]
        assert told(r).issues == ()


def test_a_pause_and_its_end_count_from_the_sync_that_saw_them(tmp_path: Path) -> None:
    paused = contract(1, pause_collection={"behavior": "void", "resumes_at": None})
    with rig(account(), tmp_path) as r:
        r.run()
        r.server.account.put("subscription", paused)
        asleep = relist(r)
        relist(r)
        assert steps(r) == [(MADE, asleep, 400.0, State.ACTIVE), (asleep, FAR, 400.0, State.PAUSED)]
        r.server.account.put("subscription", contract(1))
        awake = relist(r)
        relist(r)
        assert steps(r) == [
            (MADE, asleep, 400.0, State.ACTIVE),
            (asleep, awake, 400.0, State.PAUSED),
            (awake, FAR, 400.0, State.ACTIVE),
        ]


def test_an_item_that_is_gone_without_a_credit_is_gone_from_the_sync_that_missed_it(tmp_path: Path) -> None:
    def two() -> dict[str, Any]:
        body = contract(1)
        more = {**body["items"]["data"][0], "id": "si_000001_1", "created": MADE}
        body["items"]["data"].append(more)
        return body

    made = account()
    made.put("subscription", two())
    with rig(made, tmp_path) as r:
        r.run()
        r.server.account.put("subscription", contract(1))
        gone = relist(r)
        relist(r)
        assert steps(r) == [(MADE, gone, 400.0, State.ACTIVE), (MADE, FAR, 400.0, State.ACTIVE)]


def test_an_end_that_stripe_does_not_date_was_asked_for_when_it_was_first_seen(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        r.run()
        r.server.account.put("subscription", contract(1, cancel_at=MADE + 200 * DAY))
        seen = relist(r)
        relist(r)
        assert told(r).spans.requested.tolist() == [seen]


def test_nothing_is_kept_of_subscriptions_that_do_not_change(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        r.run()
        relist(r)
        relist(r)
        assert [event["type"] for event in r.store.events()] == ["eqho.sightings_began"]


def test_what_was_read_just_before_an_event_and_noted_just_after_it_changes_nothing(tmp_path: Path) -> None:
    with rig(account(), tmp_path) as r:
        r.server.account.record("evt_0", "customer.subscription.created", contract(1), MADE)
        r.run()
        r.pass_time(900)
        happened = r.now - 2
        r.server.account.record("evt_1", "customer.subscription.updated", contract(3), happened)
        # As a killed sync left it: read when there was one, noted two seconds after there were three.
        for name, at in (("first", NOW), (str(r.now), r.now)):
            note = {"id": f"sighting_sub_000001_{name}", "type": SIGHTING, "created": at}
            r.store.put_events([note | {"object": "event", "data": {"object": contract(1)}}])
        r.server.account.put("subscription", contract(3))
        r.pass_time(900)
        r.run()
        assert steps(r)[-1] == (happened, FAR, 1_200.0, State.ACTIVE)


def test_a_discount_of_a_customer_is_remembered_when_nobody_tells_of_its_end(tmp_path: Path) -> None:
    quarter_off = {
        "id": "di_1", "object": "discount", "start": MADE, "end": None, "customer": "cus_000001",
        "subscription": None, "source": {"type": "coupon", "coupon": {
            "id": "quarter", "object": "coupon", "percent_off": 25.0, "duration": "forever", "valid": True,
        }},
    }  # fmt: skip
    with rig(account(), tmp_path) as r:
        r.server.account.put("customer", customer(1, MADE) | {"discount": quarter_off})
        r.run()
        assert steps(r) == [(MADE, FAR, 300.0, State.ACTIVE)]
        r.server.account.put("customer", customer(1, MADE))
        gone = relist(r)
        expected = [(MADE, gone, 300.0, State.ACTIVE), (gone, FAR, 400.0, State.ACTIVE)]
        assert steps(r) == expected
        r.new_process()
        relist(r)
        assert steps(r) == expected
