"""A frozen month against what the ledger says of the same instant today."""

import pytest

from eqho.ledger.build import Ledger
from eqho.metrics.definitions import VERSION
from eqho.metrics.restatements import FrozenMonth, balances_of, packed
from tests.ledger.stripe_account import BASIC, PRO, at, invoice, item, ledger, line, subscription
from tests.metrics.as_json import restatements
from tests.metrics.queries import scene_of

MARCH_END = at("2026-04-01") - 1
UNITS = 1_000_000


def frozen(balances: dict[str, float], definition: str = VERSION) -> FrozenMonth:
    """March 2026 with MRR by customer in dollars."""
    units = {customer: int(mrr * UNITS) for customer, mrr in balances.items()}
    return FrozenMonth("2026-03", MARCH_END, sum(units.values()), len(units), definition, packed(units))


def two_customers(**second: str) -> Ledger:
    """cus_1 pays $100 and cus_2 $500 a month, both since January 1."""
    return ledger(
        subscription(item(period=("2026-06-01", "2026-07-01"))),
        subscription(
            item(PRO, id="si_2", period=("2026-06-01", "2026-07-01")), id="sub_2", customer="cus_2", **second
        ),
    )


def rows(now: Ledger, then: FrozenMonth, product: str = "towpilot") -> list[dict]:
    return restatements(scene_of(now, product), [then])


def test_a_month_that_is_still_as_frozen_is_no_restatement() -> None:
    assert rows(two_customers(), frozen({"cus_1": 100, "cus_2": 500})) == []


def test_balances_of_a_scene_survive_packing() -> None:
    scene = scene_of(two_customers(), "towpilot", MARCH_END)
    month = FrozenMonth("2026-03", MARCH_END, scene.mrr, scene.customers, VERSION, packed(balances_of(scene)))
    assert month.balances == {"cus_1": 100 * UNITS, "cus_2": 500 * UNITS}
    assert (month.mrr, month.customers) == (600 * UNITS, 2)


def test_a_price_that_is_another_today() -> None:
    [row] = rows(two_customers(), frozen({"cus_1": 100, "cus_2": 450}))
    assert row == {
        "month": "2026-03",
        "product": "towpilot",
        "metric": "mrr",
        "frozen": 550.0,
        "today": 600.0,
        "difference": 50.0,
        "causes": [
            {
                "customer": "cus_2",
                "name": "cus_2",
                "frozen": 450.0,
                "today": 500.0,
                "evidence": "today",
                "invoice": None,
                "why": "Worth this since 2026-01-01, by today's state carried back.",
            }
        ],
        "definition_changed": False,
    }


def test_a_customer_found_later_changes_mrr_and_customers() -> None:
    found = rows(two_customers(), frozen({"cus_1": 100}))
    assert [(r["metric"], r["frozen"], r["today"], r["difference"]) for r in found] == [
        ("mrr", 100.0, 600.0, 500.0),
        ("customers", 1, 2, 1),
    ]
    assert [[c["customer"] for c in row["causes"]] for row in found] == [["cus_2"], ["cus_2"]]


def test_causes_of_the_count_are_only_those_who_came_or_went() -> None:
    mrr, customers = rows(two_customers(), frozen({"cus_1": 90, "cus_2": 500, "cus_3": 5}))
    assert [(c["customer"], c["frozen"], c["today"]) for c in mrr["causes"]] == [
        ("cus_1", 90.0, 100.0),
        ("cus_3", 5.0, 0.0),
    ]
    assert [c["customer"] for c in customers["causes"]] == ["cus_3"]
    assert (mrr["difference"], customers["difference"]) == (5.0, -1)


def test_a_customer_who_is_no_longer_in_the_data() -> None:
    row = rows(two_customers(), frozen({"cus_1": 100, "cus_2": 500, "cus_gone": 40}))[0]
    assert (row["causes"][0]["why"], row["causes"][0]["evidence"]) == (
        "Its subscriptions are no longer in the data, or it is left out as internal.",
        None,
    )


def test_a_customer_who_had_left_by_then_as_an_invoice_tells() -> None:
    gone = subscription(item(), status="canceled", canceled_at=at("2026-03-10"), ended_at=at("2026-03-10"))
    now = ledger(gone, invoices=[invoice(line(BASIC, "2026-03-01", "2026-04-01"))])
    cause = rows(now, frozen({"cus_1": 100}))[0]["causes"][0]
    assert (cause["frozen"], cause["today"], cause["evidence"]) == (100.0, 0.0, "invoice")
    assert cause["why"] == f"Ended on 2026-03-10, by an invoice line of {cause['invoice']}."


def test_a_customer_who_counts_under_another_line_today() -> None:
    found = restatements(scene_of(two_customers(), "fleetdesk"), [frozen({"cus_1": 100})])
    assert found[0]["causes"][0]["why"] == "It is counted under towpilot in USD now."
    assert (found[0]["today"], found[1]["difference"]) == (0.0, -1)


def test_a_customer_who_begins_later_today() -> None:
    late = subscription(item(created="2026-05-01"), start="2026-05-01")
    cause = rows(ledger(late), frozen({"cus_1": 100}))[0]["causes"][0]
    assert cause["why"] == "Begins only on 2026-05-01, by today's state carried back."


def test_the_largest_cause_comes_first() -> None:
    row = rows(two_customers(), frozen({"cus_1": 150, "cus_2": 490}))[0]
    assert [(c["customer"], c["today"] - c["frozen"]) for c in row["causes"]] == [
        ("cus_1", -50.0),
        ("cus_2", 10.0),
    ]


def test_another_definition_is_told() -> None:
    row = rows(two_customers(), frozen({"cus_1": 100}, definition="2020-01"))[0]
    assert row["definition_changed"] is True


def test_a_month_that_lies_after_the_scene_is_not_compared() -> None:
    before = scene_of(two_customers(), "towpilot", at("2026-03-15"))
    assert restatements(before, [frozen({})]) == []


@pytest.mark.parametrize("policy", ["eqho", "stripe"])
def test_an_end_that_was_requested_counts_for_stripes_policy_only(policy: str) -> None:
    leaving = subscription(
        item(period=("2026-06-01", "2026-07-01")), cancel_at_period_end=True, canceled_at=at("2026-03-20")
    )
    found = restatements(scene_of(ledger(leaving), "towpilot", policy=policy), [frozen({"cus_1": 100})])
    if policy == "eqho":
        assert found == []
    else:
        assert found[0]["causes"][0]["why"] == (
            "Its end was requested on 2026-03-20, by today's state carried back."
        )
