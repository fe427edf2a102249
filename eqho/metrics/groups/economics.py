"""`cac_metrics` and `ltv_metrics`: what a customer costs, and what it brings."""

from fractions import Fraction

from eqho.metrics import unit_economics as economics
from eqho.metrics.query import Document, Scene, Undefined
from eqho.metrics.retention import ratio, trailing_churn
from eqho.products import ALL

_NO_CUSTOMERS = "no paying customers"


def unit_economics(scene: Scene, undefined: Undefined) -> dict[str, Document]:
    quarter = scene.closed[-3:]
    spend, no_cac = _spend(scene, [month.period.label for month in quarter])
    new = economics.new_customers(quarter)
    if spend is not None and not new:
        no_cac = economics.NO_NEW
    cac = spend.total / new if spend is not None and new else None
    margin = economics.gross_margin_of(scene.inputs.margins, scene.product, scene.month.period.label)
    arpa = Fraction(scene.mrr, scene.customers * scene.units_per_major) if scene.customers else None
    churn = trailing_churn(scene.closed)
    ltv, no_ltv = _lifetime_value(scene, arpa, margin, churn)
    payback = cac / (arpa * margin) if cac is not None and arpa and margin else None
    return {
        "cac_metrics": {
            "cac": undefined.unless("cac_metrics.cac", scene.rounded(cac), no_cac),
            "spend": undefined.unless(
                "cac_metrics.spend", scene.rounded(spend.total if spend else None), no_cac
            ),
            "new_customers": new,
            "by_category": _by_category(scene, spend),
            "payback_months": undefined.unless(
                "cac_metrics.payback_months",
                None if payback is None else float(payback),
                _first(no_cac if cac is None else "", _NO_CUSTOMERS if not arpa else "", economics.NO_MARGIN),
            ),
        },
        "ltv_metrics": {
            "ltv": undefined.unless("ltv_metrics.ltv", scene.rounded(ltv), no_ltv),
            "basis": "revenue" if margin is None else "gross_margin",
            "gross_margin": undefined.unless(
                "ltv_metrics.gross_margin", None if margin is None else float(margin), economics.NO_MARGIN
            ),
            "monthly_churn": undefined.unless("ltv_metrics.monthly_churn", churn, economics.NO_BASE),
            "ltv_cac": undefined.unless(
                "ltv_metrics.ltv_cac",
                float(ltv / cac) if ltv is not None and cac else None,
                no_ltv if ltv is None else no_cac,
            ),
        },
    }


def _first(*reasons: str) -> str:
    return next(reason for reason in reasons if reason)


def _spend(scene: Scene, months: list[str]) -> tuple[economics.SpendOf | None, str]:
    """Spend is entered for the company: a product line has none of its own."""
    spend = economics.spend_of(scene.inputs.spend, months, scene.currency)
    if spend is not None and scene.product != ALL:
        return None, economics.COMPANY_SPEND
    return spend, economics.NO_SPEND


def _lifetime_value(
    scene: Scene, arpa: Fraction | None, margin: Fraction | None, churn: float | None
) -> tuple[Fraction | None, str]:
    if arpa is None:
        return None, _NO_CUSTOMERS
    value = economics.lifetime_value(arpa, margin, churn, scene.policy.months_at_zero_churn)
    return value, economics.NO_BASE if churn is None else economics.NO_CHURN


def _by_category(scene: Scene, spend: economics.SpendOf | None) -> list[Document]:
    if spend is None:
        return []
    return [
        {
            "category": category,
            "spend": scene.rounded(amount),
            "share": ratio(float(amount), float(spend.total)),
        }
        for category, amount in sorted(spend.by_category.items())
    ]
