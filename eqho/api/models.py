"""What the routes answer beside the views: provenance, summary, cache and failures."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from eqho.metrics.document_fields import MetricsDocument


class Provenance(Struct, frozen=True):
    """Where the figures come from. `stale_reason` is null while they are fresh."""

    tier: Literal["L1", "L2", "L3"]
    age_seconds: float
    source: str
    build: int
    stale: bool
    stale_reason: str | None


class Metrics(MetricsDocument, frozen=True, kw_only=True):
    """Every number of one product at one instant. `undefined` maps the path of a null to its reason."""

    provenance: Provenance


class ProductSummary(Struct, frozen=True):
    customers: int | None
    mrr: float | None
    arr: float | None
    acv: float | None
    arpa: float | None
    nrr_12m: float | None
    customer_churn_rate: float | None
    ltv: float | None
    cac: float | None
    ltv_cac: float | None
    payback_months: float | None
    gross_margin: float | None


class Summary(Struct, frozen=True):
    towpilot: ProductSummary
    all_products: ProductSummary


class Refreshing(Struct, frozen=True):
    """`joined`: a refresh was running already."""

    status: Literal["started", "joined"]


class ClearedCaches(Struct, frozen=True):
    """How many entries each cache held."""

    l1: int
    stripe_cache: int


class ClearAnswer(Struct, frozen=True):
    cleared: ClearedCaches


class ProgressOfKind(Struct, frozen=True):
    """`label` is the kind in people's words, `objects` how many are stored. `share` is what is read of all,
    null while that cannot be told."""

    label: str
    objects: int
    pages: int
    share: float | None
    done: bool


class Progress(Struct, frozen=True):
    """How far a refresh is; `fraction` and `seconds_left` are null while they cannot be told."""

    running: bool
    sentence: str
    fraction: float | None
    kinds: dict[str, ProgressOfKind]
    seconds_left: float | None


class LookUps(Struct, frozen=True, kw_only=True):
    """Latencies are of the last 1,000 hits, and of the last 1,000 misses apart; null before the first."""

    hits: int
    misses: int
    hit_rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    miss_p50_ms: float | None
    miss_p99_ms: float | None


class MemoryStatistics(LookUps, frozen=True, kw_only=True):
    entries: int
    keys: list[str]


class StoreStatistics(LookUps, frozen=True, kw_only=True):
    """`documents` is null while the store is out of reach."""

    enabled: bool
    backend: str
    documents: int | None


class RefreshStatistics(Struct, frozen=True):
    refreshes: int
    failures: int
    last_duration_s: float | None
    last_failure: str | None
    running: bool
    progress: Progress | None
    source_requests: int


class CacheStatistics(Struct, frozen=True):
    l1: MemoryStatistics
    l2: StoreStatistics
    l3: RefreshStatistics
    generation: int
    ttl: int


class Received(Struct, frozen=True):
    """An event of Stripe: `known` was stored before, `ignored` is about nothing that is read."""

    status: Literal["stored", "known", "ignored"]


class Problem(Struct, frozen=True):
    """One sentence that says what is wrong and what to do."""

    detail: str


class NotYet(Struct, frozen=True):
    """Nothing can be served: one sentence, and while the first sync runs how far that is."""

    detail: str
    progress: Progress | UnsetType = UNSET
