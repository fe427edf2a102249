"""The shape of the metrics document: metrics stand where their definitions say, beside what is no metric."""

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from eqho.metrics.definitions import METRICS
from eqho.metrics.rows import SpendApart, SpendShare

_Field = tuple[str, object]


def shape_of_group(name: str, path: str, says: str, *beside: _Field) -> type[Struct]:
    """Every number may be null: its reason stands under `undefined`."""
    metrics = [
        (definition.path.partition(".")[2], int | None if definition.unit == "count" else float | None)
        for definition in METRICS.values()
        if definition.path.startswith(f"{path}.")
    ]
    return msgspec.defstruct(
        name, [*beside, *metrics], frozen=True, forbid_unknown_fields=True, namespace={"__doc__": says}
    )


def _counts(*names: str) -> list[_Field]:
    return [(name, int | None) for name in names]


def _amounts(*names: str) -> list[_Field]:
    return [(name, float | None) for name in names]


class TierRow(Struct, frozen=True):
    """A pricing tier of the product line."""

    tier: str
    customers: int
    mrr: float
    arpa: float | None
    share: float | None


class ProductRow(Struct, frozen=True):
    product: str
    customers: int
    mrr: float
    share: float | None


class IssueRow(Struct, frozen=True):
    code: str
    message: str
    count: int


if TYPE_CHECKING:

    class Group(Struct, frozen=True):
        """Only the definitions know which metrics it has."""

        def __init__(self, **fields: Any) -> None: ...

        def __getattr__(self, metric: str) -> Any: ...

    CustomerMetrics: TypeAlias = Group
    RevenueMetrics: TypeAlias = Group
    MovementMetrics: TypeAlias = Group
    RetentionMetrics: TypeAlias = Group
    TrialMetrics: TypeAlias = Group
    CashMetrics: TypeAlias = Group
    CacMetrics: TypeAlias = Group
    LtvMetrics: TypeAlias = Group
else:
    CustomerMetrics = shape_of_group(
        "CustomerMetrics",
        "customer_metrics",
        "Customers now, and how they moved in the running month.",
        *_counts(
            "free_customers", "trialing_customers", "new", "reactivated", "churned", "entered", "left",
            "total_customers", "towpilot_customers", "other_customers",
        ),
    )  # fmt: skip
    RevenueMetrics = shape_of_group("RevenueMetrics", "revenue_metrics", "Recurring revenue at the instant.")
    MovementMetrics = shape_of_group(
        "MovementMetrics",
        "movement_metrics",
        "The running month, from its start to now.",
        ("period", str),
        *_amounts(
            "start",
            "new",
            "reactivation",
            "expansion",
            "entering",
            "contraction",
            "churn",
            "leaving",
            "fx",
            "end",
        ),
    )
    RetentionMetrics = shape_of_group(
        "RetentionMetrics", "retention_metrics", "Who stayed, in the last closed month.", ("period", str)
    )
    TrialMetrics = shape_of_group(
        "TrialMetrics",
        "trial_metrics",
        "Trials under way, and those that ended in the running month.",
        *_counts("trialing", "ended", "converted"),
    )
    CashMetrics = shape_of_group(
        "CashMetrics",
        "cash_metrics",
        "Money paid, given back and recovered in the last closed month; `open` and `overdue` are waited for "
        "now.",
        ("period", str),
        *_amounts("paid", "refunded", "open", "overdue"),
        *_counts("failed", "recovered"),
    )
    CacMetrics = shape_of_group(
        "CacMetrics",
        "cac_metrics",
        "What a new customer costs, over the 3 closed months before.",
        *_amounts("spend", "shared_spend"),
        ("months_without_spend", list[str]),
        ("spend_apart", list[SpendApart]),
        *_counts("new_customers"),
        ("by_category", list[SpendShare]),
    )
    LtvMetrics = shape_of_group(
        "LtvMetrics",
        "ltv_metrics",
        "What a customer brings; `basis` is revenue, or gross_margin where a margin is entered.",
        ("basis", str),
        *_amounts("gross_margin"),
    )


class MetricsDocument(Struct, frozen=True):
    """Every number of one product at one instant. `undefined` maps the path of a null to its reason."""

    product: str
    timestamp: str
    as_of: str
    currency: str
    timezone: str
    policy: str
    definition: str
    customer_metrics: CustomerMetrics
    revenue_metrics: RevenueMetrics
    movement_metrics: MovementMetrics
    retention_metrics: RetentionMetrics
    cash_metrics: CashMetrics
    trial_metrics: TrialMetrics
    cac_metrics: CacMetrics
    ltv_metrics: LtvMetrics
    tiers: list[TierRow]
    undefined: dict[str, str]
    issues: list[IssueRow] = []
    products: list[ProductRow] | UnsetType = UNSET
