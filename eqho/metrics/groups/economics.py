"""`cac_metrics` and `ltv_metrics`: what a customer costs, and what it brings."""

from eqho.metrics.economics_by_month import by_category, of_scene, plain
from eqho.metrics.query import Document, Scene, Undefined


def unit_economics(scene: Scene, undefined: Undefined) -> dict[str, Document]:
    unit, apart = of_scene(scene)

    def told(group: str, name: str, value: float | None, reason: str = "") -> float | None:
        return undefined.unless(f"{group}.{name}", value, reason or unit.missing[name])

    spend = unit.spend
    entered = {row.month for row in scene.inputs.spend}
    return {
        "cac_metrics": {
            "cac": told("cac_metrics", "cac", scene.rounded(unit.cac)),
            "spend": told("cac_metrics", "spend", scene.rounded(spend.total if spend else None)),
            "shared_spend": told(
                "cac_metrics",
                "shared_spend",
                scene.rounded(spend.shared if spend else None),
                unit.missing["spend"],
            ),
            "months_without_spend": [
                row.period.label for row in scene.closed[-3:] if row.period.label not in entered
            ],
            "spend_apart": [
                {"currency": currency, "amount": float(amount)} for currency, amount in sorted(apart.items())
            ],
            "new_customers": unit.new_customers,
            "by_category": by_category(scene, spend),
            "payback_months": told("cac_metrics", "payback_months", plain(unit.payback_months)),
        },
        "ltv_metrics": {
            "ltv": told("ltv_metrics", "ltv", scene.rounded(unit.ltv)),
            "basis": "revenue" if unit.gross_margin is None else "gross_margin",
            "gross_margin": told("ltv_metrics", "gross_margin", plain(unit.gross_margin)),
            "monthly_churn": told("ltv_metrics", "monthly_churn", plain(unit.monthly_churn)),
            "ltv_cac": told("ltv_metrics", "ltv_cac", plain(unit.ltv_cac)),
        },
    }
