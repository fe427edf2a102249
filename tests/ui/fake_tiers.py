# ruff: noqa: E501
"""Hand-made answers in the shape of API.md: what the pages are drawn from when the engine is not the question."""

import time
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import msgspec

from eqho.errors import BadArgument
from eqho.inputs.entries import Listed
from eqho.issues import Issue
from eqho.metrics.definitions import SERIES
from eqho.metrics.document_fields import MetricsDocument
from eqho.periods import add_months
from eqho.tiers import Provenance, Served, views
from eqho.tiers.question import A, AnyView, Question
from tests.ui.fake_document import LINES, NOW, document


class FakeTiers:
    """Answers from hand-made documents and keeps what it was asked for in `asked`.

    `failure` is raised by every read while it is set; `changed` documents replace the usual ones by product.
    """

    def __init__(self) -> None:
        self.asked: list[Question[Any]] = []
        self.refreshes = 0
        self.full_refreshes = 0
        self.failure: Exception | None = None
        self.failed: str | None = None
        """Why the last refresh did not work."""
        self.changed: dict[str, MetricsDocument] = {}
        self.provenance = Provenance("L1", 180.0, "demo", 7, False, None, int(time.time()) - 180)
        self.provisional = False
        self.running: dict[str, Any] = {
            "running": False, "sentence": "", "fraction": None, "kinds": {}, "seconds_left": None,
        }  # fmt: skip
        self.entries = SimpleNamespace(
            read=lambda kind: Listed(0, datetime.fromtimestamp(NOW, UTC), (), sample=True),
            changes=lambda kind: [],
        )
        self.found = [Issue("unmapped", "2 subscriptions are in no product line.", ("sub_1", "sub_2"))]
        self.away: tuple[datetime, str] | None = None
        self.generation = 7
        self.reason: str | None = None

    def asked_of(self, view: str) -> list[Question[Any]]:
        """What one view was asked for, by its name."""
        return [question for question in self.asked if question.view.name == view]

    def metrics(
        self, product: str, as_of: date | None = None, policy: str | None = None
    ) -> Served[MetricsDocument]:
        return self.view(views.Metrics(), product, as_of, policy)

    def view(
        self, view: AnyView[A], product: str, as_of: date | None = None, policy: str | None = None
    ) -> Served[A]:
        self.asked.append(Question(view, product, as_of, policy or ""))
        if self.failure:
            raise self.failure
        answer: Any = getattr(self, f"_{view.name}")(product, view)
        if isinstance(answer, MetricsDocument):
            answer = msgspec.structs.replace(answer, policy=policy or "eqho")
        return Served(msgspec.convert(answer, view.answers), self.provenance)

    def _metrics(self, product: str, asked: views.Metrics) -> MetricsDocument:
        if product in self.changed:
            return self.changed[product]
        share = 1.0 if product == "all-products" else LINES[product]
        return document(product, mrr=round(76_666.67 * share, 2), customers=round(138 * share))

    def _history(self, product: str, asked: views.History) -> dict[str, Any]:
        share = 1.0 if product == "all-products" else LINES[product]
        first, last = asked.start or date(2026, 1, 1), asked.end or date(2026, 11, 22)
        points = []
        while first <= last:
            months_back = (last.year - first.year) * 12 + last.month - first.month
            mrr = round(76_666.67 * share * 0.97**months_back, 2)
            values = dict.fromkeys(SERIES, 1.5 + months_back) | {
                "mrr": mrr, "arr": 12 * mrr, "customers": round(138 * share * 0.975**months_back), "arpa": 555.0 - months_back,
                "nrr_12m": 1.08 - months_back / 200, "grr_12m": 0.86, "customer_churn_rate": 0.02 + months_back % 3 / 100,
                "net_new": 1_400.0 - 50 * months_back, "subscriptions": 90 - months_back, "quick_ratio": 1.9,
                "gross_mrr_churn_rate": 0.03, "net_mrr_churn_rate": 0.012, "ltv_cac": 4.2 - months_back / 20, "payback_months": 9.1 + months_back / 10,
            }  # fmt: skip
            points.append(
                {"date": date.fromordinal(add_months(first, 1).toordinal() - 1).isoformat()}
                | {slug: values[slug] for slug in asked.metrics}
                | {"open": months_back == 0}
            )
            first = add_months(first, 1)
        return {"points": points}

    def _cash(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        october = {
            "period": "2026-10", "paid": 70_000.0, "refunded": 400.0, "credited": 0.0, "disputed": 0.0,
            "failed": 2, "failed_amount": 800.0, "recovered": 1, "recovered_amount": 400.0, "recovery_rate": 0.5,
            "usage_revenue": 0.0, "running": False, "open": 900.0, "overdue": 500.0,
        }  # fmt: skip
        ages = [{"age": "up to 30 days", "amount": 500.0}]
        return {"rows": [october], "apart": [], "ages": ages, "renewals": [], "undefined": {}}

    def _unit_economics(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        return {"rows": [], "cohorts": [], "undefined": {}}

    def _parts(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        paid = {"label": "still paid", "value": 49_680.0, "unit": "money"}
        return {"parts": {"nrr_12m": [paid, paid | {"label": "of these customers' MRR", "value": 46_000.0}]}}

    def _movements(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        closed = {
            "period": "2026-10", "start": 70_000.0, "new": 3_200.0, "reactivation": 400.0, "expansion": 1_900.0,
            "entering": 0.0, "contraction": 700.0, "churn": 1_500.0, "leaving": 0.0, "fx": 0.0, "end": 73_300.0,
            "customers": {"start": 80, "new": 6, "reactivation": 1, "expansion": 4, "entering": 0, "contraction": 2, "churn": 3, "leaving": 0, "end": 84},
            "open": False,
        }  # fmt: skip
        return {"rows": [closed, closed | {"period": "2026-11", "open": True}]}

    def _movement_customers(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        return {
            "rows": [
                {"customer": "cus_1", "name": "=Bravo $Towing$ [x](y)", "kind": "churn", "before": 900.0, "after": 0.0, "change": -900.0},
                {"customer": "cus_2", "name": "Delta Recovery", "kind": "churn", "before": 600.0, "after": 0.0, "change": -600.0},
            ]
        }  # fmt: skip

    def _explain(self, product: str, asked: views.Explain) -> dict[str, Any]:
        """Bravo lost a FleetDesk of $900, Delta came for $1,000, Echo swapped one plan for another of $50."""

        def plan(line: str, name: str, before: float, after: float) -> dict[str, Any]:
            return {"line": line, "plan": name, "before": before, "after": after, "change": after - before}

        def customer(identity: str, name: str, kind: str | None, *plans: dict[str, Any]) -> dict[str, Any]:
            amounts = {field: sum(one[field] for one in plans) for field in ("before", "after", "change")}
            return {
                "customer": identity,
                "name": name,
                "kind": kind,
                **amounts,
                "plans": [{"kind": kind} | one for one in plans],
            }

        plans = [
            plan("fleetdesk", "Fleet", 900.0, 50.0) | {"customers": 2},
            plan("towpilot", "Standard", 50.0, 1_000.0) | {"customers": 2},
        ]
        return {
            "start_day": str(asked.start), "end_day": str(asked.end), "start": 2_000.0, "end": 2_100.0, "net": 100.0,
            "movements": [{"kind": "new", "amount": 1_000.0, "customers": 1}, {"kind": "churn", "amount": -900.0, "customers": 1}],
            "lines": [one | {"plan": ""} for one in plans],
            "plans": plans,
            "customers": [
                customer("cus_4", "Delta Recovery", "new", plan("towpilot", "Standard", 0.0, 1_000.0)),
                customer("cus_2", "=Bravo [x](y)", "churn", plan("fleetdesk", "Fleet", 900.0, 0.0)),
                customer("cus_5", "Echo", None, plan("fleetdesk", "Fleet", 0.0, 50.0), plan("towpilot", "Standard", 50.0, 0.0)),
            ],
        }  # fmt: skip

    def _forecast(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        return {
            "points": [
                {"period": "2026-11", "low": 76_000.0, "mid": 77_000.0, "high": 78_000.0},
                {"period": "2026-12", "low": 76_500.0, "mid": 78_500.0, "high": 80_500.0},
            ],
            "method": "no_change",
            "backtest": {
                "months": 24, "mase": 2.104, "coverage_80": 0.83,
                "baselines": [{"name": "drivers", "mase": 2.5}, {"name": "damped_trend", "mase": None}, {"name": "same_growth", "mase": 9.0}],
            },
            "undefined": {},
        }  # fmt: skip

    def _goals(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        goal = {"metric": "mrr", "product": "all-products", "undefined": None}
        return {
            "rows": [
                goal | {"period": "2026-09", "target": 70_000.0, "actual": 71_000.0, "on_pace": True, "pace": None, "needed": None, "closed": True},
                goal | {"period": "2026-Q4", "target": 80_000.0, "actual": 76_666.67, "on_pace": False, "pace": 900.0, "needed": 2_600.0, "closed": False},
                goal | {"metric": "customers", "product": "towpilot", "period": "2026-12", "target": 90.0, "actual": 83, "on_pace": None, "pace": None, "needed": 5.5, "closed": False, "undefined": "the pace needs 4 closed months"},
            ]
        }  # fmt: skip

    def _came_and_went(self, product: str, asked: views.CameAndWent) -> dict[str, Any]:
        return {
            "rows": [{"customer": "cus_7", "name": "Brief [Tow](x)"}] if asked.period == "2026-10" else []
        }

    def _customers(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        def row(number: int, **special: Any) -> dict[str, Any]:
            return {
                "customer": f"cus_{number}", "name": f"Company {number}", "email": f"office@company{number}.example", "mrr": 400.0 + number, "since": "2025-03-01",
                "status": "active", "lines": ["towpilot"], "plans": ["Tow Standard"], "at_risk": False,
                "scheduled_churn": None, "trial_end": None, "trial_mrr": None, "stripe_url": f"https://dashboard.stripe.com/customers/cus_{number}",
            } | special  # fmt: skip

        rows = [
            row(1, at_risk=True),
            row(2, scheduled_churn="2026-12-04"),
            row(3, mrr=0.0, trial_end="2026-11-29", trial_mrr=449.0, status="trialing"),
            row(4, mrr=0.0, trial_end="2026-12-02", status="trialing", stripe_url="javascript:alert(1)"),
            row(5),
        ]
        return {"total": len(rows), "rows": rows}

    def _cohorts(self, product: str, asked: views.Cohorts) -> dict[str, Any]:
        """Three cohorts of four, three and two customers at $100 each; one customer left in October."""
        unit = 100.0 if asked.measure == "mrr" else 1
        return {
            "cohorts": [
                {"cohort": "2026-09", "size": 4, "values": [4 * unit, 3 * unit, None]},
                {"cohort": "2026-10", "size": 3, "values": [3 * unit, None]},
                {"cohort": "2026-11", "size": 2, "values": [None]},
            ]
        }

    def _customer(self, product: str, asked: views.Customer) -> dict[str, Any]:
        """Company 1: $300 of TowPilot from March, $401 from June, and a paused FleetDesk."""
        if asked.customer != "cus_1":
            raise BadArgument("There is no such customer.")
        span = {
            "subscription": "sub_1", "line": "towpilot", "plan": "Tow <b>Standard</b>", "quantity": 1.0, "currency": "usd",
            "list_mrr": 401.0, "mrr": 401.0, "state": "active", "start": "2025-06-01T00:00:00Z", "end": None,
            "evidence": "proration", "inferred": False, "invoice": "in_2",
            "invoice_url": "https://dashboard.stripe.com/invoices/in_2",
        }  # fmt: skip
        before = {
            "list_mrr": 300.0, "mrr": 300.0, "start": "2025-03-01T00:00:00Z", "end": "2025-06-01T00:00:00Z",
            "evidence": "invoice", "inferred": True, "invoice": None, "invoice_url": None,
        }  # fmt: skip
        instants = ["2025-03-01T00:00:00Z", "2025-06-01T00:00:00Z", "2026-11-22T12:00:00Z"]
        return {
            "customer": "cus_1", "name": "Company *1*", "stripe_url": "https://dashboard.stripe.com/customers/cus_1",
            "steps": [{"currency": "usd", "line": "towpilot", "at": instants, "mrr": [300.0, 401.0, 401.0]}],
            "spans": [span, span | before],
        }  # fmt: skip

    def _restatements(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        return {"rows": []}

    def _bridge(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        return {
            "rows": [
                {"step": "list MRR", "amount": 80_000.0, "subscriptions": ["sub_1", "sub_2", "sub_3"]},
                {"step": "discounts", "amount": -3_333.33, "subscriptions": ["sub_2"]},
                {"step": "eqho", "amount": 76_666.67, "subscriptions": ["sub_1", "sub_3"]},
            ]
        }

    def _changes(self, product: str, asked: AnyView[Any]) -> dict[str, Any]:
        def group(kind: str, amount: float, customer: str, name: str) -> dict[str, Any]:
            return {
                "kind": kind,
                "amount": amount,
                "customers": [{"customer": customer, "name": name, "amount": amount}],
            }

        return {
            "since": "2026-11-16", "currency": "USD", "start": 75_936.67, "end": 76_666.67, "net": 730.0,
            "rows": [
                {"date": "2026-11-20", "customer": "cus_9", "name": "Harbor Tow", "kind": "new", "before": 0.0, "after": 1_150.0, "change": 1_150.0, "line": "towpilot"},
                {"date": "2026-11-18", "customer": "cus_8", "name": "North Fleet", "kind": "churn", "before": 420.0, "after": 0.0, "change": -420.0, "line": "fleetdesk"},
            ],
            "groups": [
                group("new", 1_150.0, "cus_9", "Harbor Tow"),
                group("churn", -420.0, "cus_8", "North [Fleet](x)"),
                group("trials", 449.0, "cus_3", "Company 3"),
            ],
            "sentences": [],
        }  # fmt: skip

    def refresh(self, *, wait: bool = False, full: bool = False) -> str:
        self.refreshes += 1
        self.full_refreshes += full
        return "started" if self.refreshes == 1 else "joined"

    def clear(self) -> dict[str, int]:
        return {"l1": 12, "stripe_cache": 34}

    def statistics(self) -> dict[str, Any]:
        read = {"hits": 97, "misses": 3, "hit_rate": 0.97, "p50_ms": 0.036, "p95_ms": 0.08, "p99_ms": 0.11}
        read |= {"miss_p50_ms": 12.5, "miss_p99_ms": 167.0}
        return {
            "l1": read | {"entries": 12, "keys": ["metrics"]},
            "l2": read | {"enabled": True, "backend": "embedded", "documents": 48, "p50_ms": 0.9},
            "l3": {
                "refreshes": 3, "failures": 0, "source_requests": 0, "last_duration_s": 1.42,
                "running": False,
                "progress": None,
            },
            "generation": self.generation,
            "ttl": 300,
        }  # fmt: skip

    def health(self) -> dict[str, Any]:
        return {"status": "healthy" if self.generation else "starting", "reason": self.reason}

    def age(self) -> float | None:
        return None if not self.generation else time.time() - self.provenance.refreshed_at

    def await_first(self) -> None:
        """What there is, is there at once."""

    def progress(self) -> dict[str, Any]:
        return self.running

    def complete(self) -> object | None:
        return None if self.provisional or not self.generation else self

    def issues(self) -> list[Issue]:
        return self.found

    def last_refresh(self) -> tuple[int, str | None]:
        return self.provenance.refreshed_at, self.failed

    def outage(self) -> tuple[datetime, str] | None:
        return self.away
