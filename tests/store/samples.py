"""Documents for the tests of the stores."""

from datetime import UTC, datetime
from typing import Any

from eqho.store.base import Document

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    """`"2026-11-22"` or `"2026-11-22T12:00"`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def snapshot(
    mrr: float, timestamp: datetime, product: str = "towpilot", policy: str = "eqho", **more: Any
) -> Document:
    return {
        "product": product,
        "policy": policy,
        "timestamp": timestamp,
        "metrics": {"revenue_metrics": {"mrr": mrr}},
        **more,
    }


def mrr(document: Document | None) -> float | None:
    return document["metrics"]["revenue_metrics"]["mrr"] if document else None


def customer(number: int, **more: Any) -> Document:
    return {"id": f"cus_{number:06d}", "object": "customer", "created": 1_700_000_000 + number, **more}


def event(number: int, created: int) -> Document:
    return {"id": f"evt_{number:06d}", "type": "customer.updated", "created": created, "data": {"object": {}}}
