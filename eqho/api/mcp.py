"""`/mcp`: the Model Context Protocol, so that an assistant can ask for the numbers. Read-only.

Every answer says for which instant, currency and policy it is, how old it is and whether it is stale, and
carries the definitions of the metrics in it.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec

import msgspec
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from msgspec import structs
from pydantic import Field
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import TypedDict

from eqho.api.guard import Guard
from eqho.errors import BadArgument, NoBuild
from eqho.metrics.cohorts import Measure
from eqho.metrics.definitions import METRICS, SERIES
from eqho.metrics.movements import Kind
from eqho.periods import PeriodLength
from eqho.products import ProductLines, UnknownProduct
from eqho.store.base import StoreError
from eqho.tiers import Served, Tiers, recorded_views, views
from eqho.tiers.arguments import parse_day
from eqho.tiers.question import A, AnyView

P = ParamSpec("P")
Data = dict[str, Any]

_INSTRUCTIONS = (
    "Figures of a subscription business, rebuilt from Stripe to the cent. Money is in major units of "
    "`currency`, rates are fractions, months YYYY-MM. A number that is not defined is null and `undefined` "
    "gives the reason: say the reason, never guess the number. Say so when `stale` is true."
)
_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)

Product = Annotated[str, Field(description="towpilot, all-products, or the key of another product line.")]
AsOf = Annotated[str | None, Field(description="A day like 2026-10-31: its end. Without it, now.")]
PolicyName = Annotated[
    Literal["eqho", "stripe"] | None, Field(description="stripe: as Stripe's own dashboard counts.")
]
FirstDay = Annotated[str | None, Field(description="First day, like 2026-01-01.")]
LastDay = Annotated[str | None, Field(description="Last day.")]

_ECONOMICS = ("spend", "cac", "ltv", "ltv_cac", "payback_months", "gross_margin", "monthly_churn", "arpa")
_CASH = (
    "paid",
    "refunded",
    "credited",
    "disputed",
    "failed",
    "recovered",
    "recovery_rate",
    "open",
    "overdue",
    "usage_revenue",
)


class Answer(TypedDict):
    """What every tool gives. `definitions`: title and formula of each metric in `data`, by slug."""

    product: str
    as_of: str
    currency: str
    timezone: str
    policy: str
    age_seconds: float
    source: str
    stale: bool
    stale_reason: str | None
    definitions: dict[str, str]
    data: Data


class McpEndpoint:
    """The route `/mcp`, under the API's rules of who may ask. `running` must be open while it answers."""

    def __init__(self, tiers: Tiers, lines: ProductLines, token: str | None) -> None:
        self._server = _server(tiers, lines)
        # Each call stands alone, so any replica can answer it.
        self._server.streamable_http_app(stateless_http=True, json_response=True)
        self._guarded: ASGIApp = Guard(self._server.session_manager.handle_request, token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._guarded(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Once in the life of the process."""
        async with self._server.session_manager.run():
            yield


def _server(tiers: Tiers, lines: ProductLines) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("eqho-metrics", title="Eqho Metrics", instructions=_INSTRUCTIONS)
    tools = Tools(tiers, lines)
    for tool in (
        tools.metrics,
        tools.history,
        tools.movements,
        tools.movement_customers,
        tools.cohorts,
        tools.customers,
        tools.customer_timeline,
        tools.bridge_to_stripe,
        tools.unit_economics,
        tools.cash,
        tools.what_changed,
        tools.explain_change,
        tools.forecast,
        tools.definitions,
    ):
        server.add_tool(_in_sentences(tool), annotations=_READ_ONLY)
    return server


def _in_sentences(tool: Callable[P, Any]) -> Callable[P, Any]:
    """What can go wrong reaches the assistant as the sentence that says what to do."""

    @wraps(tool)
    def told(*arguments: P.args, **named: P.kwargs) -> Any:
        try:
            return tool(*arguments, **named)
        except NoBuild as missing:
            raise ToolError(missing.sentence) from missing
        except (BadArgument, UnknownProduct, StoreError) as wrong:
            raise ToolError(str(wrong)) from wrong

    return told


class Tools:
    """One public method per tool; its docstring is what the assistant reads."""

    def __init__(self, tiers: Tiers, lines: ProductLines) -> None:
        self._tiers, self._lines = tiers, lines

    def metrics(self, product: Product, as_of: AsOf = None, policy: PolicyName = None) -> Answer:
        """Every metric of a product at an instant: customers, MRR, ARR, churn, retention, LTV, CAC, tiers."""
        return self._view(views.Metrics(), product, as_of, policy, list(METRICS))

    def history(
        self,
        product: Product,
        metrics: Annotated[list[str], Field(description=f"Of: {', '.join(SERIES)}.")],
        start: FirstDay = None,
        end: LastDay = None,
        interval: PeriodLength = "month",
        policy: PolicyName = None,
    ) -> Answer:
        """Series: metrics at the end of every period of a range; the running period has `open` true."""
        asked = views.History(tuple(metrics), *_range(start, end), interval)
        return self._view(asked, product, None, policy, metrics)

    def movements(
        self,
        product: Product,
        start: FirstDay = None,
        end: LastDay = None,
        interval: PeriodLength = "month",
        policy: PolicyName = None,
    ) -> Answer:
        """New, reactivation, expansion, contraction and churn by period: start + gains − losses = end."""
        asked = views.Movements(*_range(start, end), interval)
        return self._view(asked, product, None, policy, ("mrr", "net_new"))

    def movement_customers(
        self,
        product: Product,
        period: Annotated[str, Field(description="2026-10, 2026-Q4, 2026-W41 or 2026-10-05.")],
        kind: Kind | None = None,
        policy: PolicyName = None,
    ) -> Answer:
        """The customers behind the movements of one period, largest change first."""
        return self._view(views.MovementCustomers(period, kind), product, None, policy, ("mrr",))

    def cohorts(self, product: Product, measure: Measure = "customers", policy: PolicyName = None) -> Answer:
        """Customers by the month of their first MRR, and what is left of them month by month."""
        return self._view(views.Cohorts(measure), product, None, policy, (measure,))

    def customers(
        self,
        product: Product,
        as_of: AsOf = None,
        policy: PolicyName = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 25,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> Answer:
        """Customers with MRR, status and plans, largest MRR first; `total` counts all of them."""
        served = self._served(views.Customers(), product, as_of, policy)
        page = structs.replace(served.value, rows=served.value.rows[offset : offset + limit])
        return self._answer(product, as_of, policy, served._replace(value=page), ("mrr",))

    def customer_timeline(
        self,
        product: Product,
        customer: Annotated[str, Field(description="The Stripe id, cus_….")],
        policy: PolicyName = None,
    ) -> Answer:
        """One customer's MRR through time, every stretch with the evidence it rests on."""
        return self._view(views.Customer(customer), product, None, policy, ("mrr",))

    def bridge_to_stripe(self, product: Product, as_of: AsOf = None) -> Answer:
        """Why MRR differs from Stripe's own figure, step by step, with the subscriptions behind each."""
        return self._view(views.Bridge(), product, as_of, None, ("mrr",))

    def unit_economics(
        self, product: Product, start: FirstDay = None, end: LastDay = None, policy: PolicyName = None
    ) -> Answer:
        """Spend, CAC, LTV, margin and payback by month, and how long each cohort takes to pay itself back."""
        return self._view(views.UnitEconomics(*_range(start, end)), product, None, policy, _ECONOMICS)

    def cash(
        self,
        product: Product,
        start: FirstDay = None,
        end: LastDay = None,
        interval: PeriodLength = "month",
        policy: PolicyName = None,
    ) -> Answer:
        """Paid, refunded, failed and recovered by period; what is overdue by age; the bills of the next 30
        days."""
        return self._view(views.Cash(*_range(start, end), interval), product, None, policy, _CASH)

    def what_changed(
        self, product: Product, days: Annotated[int, Field(ge=1, le=366)] = 7, policy: PolicyName = None
    ) -> Answer:
        """What changed since so many days ago, as rows and as sentences, and what is coming up."""
        return self._view(recorded_views.Changes(days), product, None, policy, ("mrr",))

    def explain_change(
        self,
        product: Product,
        start: Annotated[str, Field(description="The day whose end it began from, like 2026-10-31.")],
        end: Annotated[str, Field(description="The day at whose end it had come about.")],
        policy: PolicyName = None,
    ) -> Answer:
        """What made MRR go from one day's value to another's: by movement, line, plan and customer."""
        asked = views.Explain(parse_day("from", start), parse_day("to", end))
        return self._view(asked, product, None, policy, ("mrr", "net_new"))

    def forecast(
        self,
        product: Product,
        months: Annotated[int, Field(ge=1, le=24, description="Months ahead.")] = 12,
        policy: PolicyName = None,
    ) -> Answer:
        """MRR of the months to come with a band from its own past errors, and how well it has done before:
        never tell `mid` without `low` and `high`."""
        return self._view(views.Forecast(months), product, None, policy, ("mrr",))

    def definitions(self) -> dict[str, str]:
        """Every metric's title and formula, by slug."""
        return _told(list(METRICS))

    def _view(
        self,
        view: AnyView[Any],
        product: str,
        as_of: str | None,
        policy: str | None,
        metrics: Sequence[str],
    ) -> Answer:
        served = self._served(view, product, as_of, policy)
        return self._answer(product, as_of, policy, served, metrics)

    def _served(self, view: AnyView[A], product: str, as_of: str | None, policy: str | None) -> Served[A]:
        return self._tiers.view(view, self._lines.resolve(product), _day("as_of", as_of), policy)

    def _answer(
        self,
        product: str,
        as_of: str | None,
        policy: str | None,
        served: Served[Any],
        metrics: Sequence[str],
    ) -> Answer:
        basis, provenance = self._served(views.Metrics(), product, as_of, policy).value, served.provenance
        return {
            "product": basis.product,
            "as_of": basis.as_of,
            "currency": basis.currency,
            "timezone": basis.timezone,
            "policy": basis.policy,
            "age_seconds": provenance.age_seconds,
            "source": provenance.source,
            "stale": provenance.stale,
            "stale_reason": provenance.stale_reason,
            "definitions": _told(metrics),
            "data": msgspec.to_builtins(served.value),
        }


def _day(name: str, text: str | None) -> date | None:
    return None if text is None else parse_day(name, text)


def _range(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    return _day("from", start), _day("to", end)


def _told(metrics: Sequence[str]) -> dict[str, str]:
    known = (METRICS[slug] for slug in metrics if slug in METRICS)
    return {metric.slug: f"{metric.title}: {metric.help}" for metric in known}
