"""When the mirror first saw each subscription as it is, and what discounts customers had: nothing else tells.

Kept among the events, which are never cleared: a body for every form that differs from the one before, and
the instant from which on none was missed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from eqho.billing.sighted import BEGAN, DISCOUNT_GONE, SIGHTING
from eqho.sources.base import Raw
from eqho.store.base import Store

_STATE = "sightings"
_TERMS = ("status", "cancel_at", "cancel_at_period_end", "pause_collection", "trial_end", "pending_update")


def note_sightings(store: Store, kind: str, bodies: Iterable[Raw], at: datetime) -> None:
    """Before they are written. Durable when it returns."""
    if kind == "customer":
        store.put_events(_gone(store, bodies, int(at.timestamp())))
    if kind != "subscription":
        return
    now = int(at.timestamp())
    state = store.get_state(_STATE)
    if state is None:
        state = {"began": now}
        store.put_events([_event(BEGAN, f"sightings_{now}", now, {})])
        store.put_state(_STATE, state)
    began = int(state["began"])
    store.put_events(
        event for body in bodies for event in _seen(body, store.get_object(kind, body["id"]), began, now)
    )


def _seen(body: Raw, known: Raw | None, began: int, now: int) -> list[Raw]:
    name = body["id"]
    if known is None:
        later = int(body.get("created") or 0) > began
        return [_event(SIGHTING, f"sighting_{name}_first", now, body)] if later else []
    if _terms(known) == _terms(body):
        return []
    # The first form is kept with the second: only the first time is it not there already.
    first = _event(SIGHTING, f"sighting_{name}_first", max(began, int(known.get("created") or 0)), known)
    return [first, _event(SIGHTING, f"sighting_{name}_{now}", now, body)]


def _gone(store: Store, bodies: Iterable[Raw], now: int) -> list[Raw]:
    """The discounts that customers have no longer: a customer's object tells of today's only."""
    found: list[Raw] = []
    for body in bodies:
        had = (store.get_object("customer", body["id"]) or {}).get("discount")
        has = body.get("discount") or {}
        if not isinstance(had, Mapping) or not had.get("id") or had["id"] == has.get("id"):
            continue
        since = min(now, max(int(has.get("start") or now), int(had.get("start") or 0)))
        found.append(_event(DISCOUNT_GONE, f"sighting_{body['id']}_{had['id']}_gone", since, dict(had)))
    return found


def _event(kind: str, name: str, at: int, body: Raw) -> Raw:
    told = {"id": name, "object": "event", "type": kind, "created": at, "data": {"object": body}}
    return told | ({"livemode": body["livemode"]} if "livemode" in body else {})


def _terms(body: Raw) -> dict[str, Any]:
    items = (body.get("items") or {}).get("data", ())
    return {
        **{name: body.get(name) for name in _TERMS},
        "discounts": _discounts(body),
        "items": sorted(
            (item["id"], _id(item.get("price") or item.get("plan")), item.get("quantity"), _discounts(item))
            for item in items
        ),
    }


def _discounts(body: Mapping[str, Any]) -> list[str]:
    single = body.get("discount")
    return sorted(_id(each) for each in [*(body.get("discounts") or ()), *([single] if single else ())])


def _id(named: Any) -> str:
    return str(named.get("id") if isinstance(named, Mapping) else named)
