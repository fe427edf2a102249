"""`cac_metrics` and `ltv_metrics`: what a customer costs, and what it brings."""

from eqho.metrics.definitions import computed
from eqho.metrics.document_fields import CacMetrics, LtvMetrics
from eqho.metrics.economics_by_month import by_category, plain, spend_apart
from eqho.metrics.moment import running
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.rows import SpendApart


def unit_economics(scene: Scene, undefined: Undefined) -> tuple[CacMetrics, LtvMetrics]:
    moment = running(scene)
    unit, spend = moment.unit, moment.unit.spend
    entered = {row.month for row in scene.inputs.spend}

    def told(path: str, value: float | None, name: str) -> float | None:
        return undefined.unless(path, value, unit.missing.get(name, ""))

    cac = CacMetrics(
        spend=told("cac_metrics.spend", scene.rounded(spend.total if spend else None), "spend"),
        shared_spend=told(
            "cac_metrics.shared_spend", scene.rounded(spend.shared if spend else None), "spend"
        ),
        months_without_spend=[
            row.period.label for row in scene.closed[-3:] if row.period.label not in entered
        ],
        spend_apart=[
            SpendApart(currency, float(amount)) for currency, amount in sorted(spend_apart(scene).items())
        ],
        new_customers=unit.new_customers,
        by_category=by_category(scene, spend),
        **computed(moment, "cac_metrics", undefined),
    )
    ltv = LtvMetrics(
        basis="revenue" if unit.gross_margin is None else "gross_margin",
        gross_margin=told("ltv_metrics.gross_margin", plain(unit.gross_margin), "gross_margin"),
        **computed(moment, "ltv_metrics", undefined),
    )
    return cac, ltv
