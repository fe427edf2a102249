"""What a number is made of gives that number again."""

from hypothesis import given, settings

from eqho.metrics.made_of import Part, parts
from tests.metrics.as_json import snapshot
from tests.metrics.random_spans import HISTORIES, NOWS, POLICY, PRODUCT, Span, scene

LOST = ("contraction", "churn", "leaving")


def signed(found: list[Part]) -> float:
    return sum(-part.value if part.label in LOST else part.value for part in found)


def quotient(found: list[Part]) -> float | None:
    part, whole = (one.value for one in found)
    return round(part / whole, 9) if whole else None


@given(HISTORIES, PRODUCT, NOWS, POLICY)
@settings(max_examples=60, deadline=None)
def test_each_number_of_the_document_follows_from_its_parts(
    rows: list[Span], product: str, now: int, policy: str
) -> None:
    asked = scene(rows, product, now, policy)
    found, told = parts(asked), snapshot(asked)

    def of(path: str) -> float | None:
        group, name = path.split(".")
        value: float | None = told[group][name]
        return value if value is None else round(value, 9)

    # Each amount is rounded to a cent for itself.
    assert abs(signed(found["mrr"]) - told["revenue_metrics"]["mrr"]) <= 0.05
    assert signed(found["customers"]) == told["customer_metrics"]["customers"]
    assert found["top10_share"][1].value == told["revenue_metrics"]["mrr"]
    churned, of_whom = (part.value for part in found["monthly_churn"])
    assert of("ltv_metrics.monthly_churn") == (round(churned / of_whom, 9) if of_whom else None)
    assert quotient(found["customer_churn_rate"]) == of("retention_metrics.customer_churn_rate")
    assert quotient(found["recovery_rate"]) == of("cash_metrics.recovery_rate")
    for slug in ("nrr_12m", "grr_12m"):
        rate = of(f"retention_metrics.{slug}")
        kept, base = (part.value for part in found[slug])
        assert (rate is None) == (base == 0)
        assert rate is None or abs(kept - rate * base) < 0.02
    for slug in ("gross_mrr_churn_rate", "net_mrr_churn_rate"):
        rate = of(f"retention_metrics.{slug}")
        *moved, start = (part.value for part in found[slug])
        lost = sum(moved[:2]) - sum(moved[2:])
        assert (rate is None) == (start == 0)
        assert rate is None or abs(lost - rate * start) < 0.05
    for slug in ("mrr_growth_month", "mrr_growth_year"):
        rate = of(f"revenue_metrics.{slug}")
        mrr, then = (part.value for part in found[slug])
        assert rate is None or abs(mrr - (1 + rate) * then) < 0.02
