"""Every number of one product at one instant, in the shape of the JSON API."""

from collections.abc import Iterable

from msgspec import UNSET, structs

from eqho.issues import Issue
from eqho.metrics.definitions import VERSION
from eqho.metrics.document_fields import IssueRow, MetricsDocument
from eqho.metrics.groups.cash import cash_metrics
from eqho.metrics.groups.customers import customer_metrics
from eqho.metrics.groups.economics import unit_economics
from eqho.metrics.groups.movement import movement_metrics
from eqho.metrics.groups.pricing_tiers import tiers
from eqho.metrics.groups.products import products
from eqho.metrics.groups.retention import retention_metrics
from eqho.metrics.groups.revenue import revenue_metrics
from eqho.metrics.groups.trials import trial_metrics
from eqho.metrics.query import Scene, Undefined
from eqho.periods import rfc3339
from eqho.products import ALL


def with_issues(document: MetricsDocument, issues: Iterable[Issue]) -> MetricsDocument:
    """In place of those it has."""
    return structs.replace(document, issues=_rows(issues))


def with_more_issues(document: MetricsDocument, issues: Iterable[Issue]) -> MetricsDocument:
    """Beside those it has."""
    return structs.replace(document, issues=[*document.issues, *_rows(issues)])


def _rows(issues: Iterable[Issue]) -> list[IssueRow]:
    return [IssueRow(issue.code, issue.message, issue.count) for issue in issues]


def snapshot(scene: Scene) -> MetricsDocument:
    """The document of `GET /api/v1/metrics/{product}` without issues and provenance. Money in major units."""
    undefined = Undefined()
    cac, ltv = unit_economics(scene, undefined)
    return MetricsDocument(
        product=scene.product,
        timestamp=rfc3339(scene.ledger.now),
        as_of=rfc3339(scene.at),
        currency=scene.currency.upper(),
        timezone=scene.zone.key,
        policy=scene.policy.name,
        definition=VERSION,
        customer_metrics=customer_metrics(scene, undefined),
        revenue_metrics=revenue_metrics(scene, undefined),
        movement_metrics=movement_metrics(scene, undefined),
        retention_metrics=retention_metrics(scene, undefined),
        cash_metrics=cash_metrics(scene, undefined),
        trial_metrics=trial_metrics(scene, undefined),
        cac_metrics=cac,
        ltv_metrics=ltv,
        tiers=tiers(scene, undefined),
        products=products(scene, undefined) if scene.product == ALL else UNSET,
        undefined=undefined,
    )
