"""The managed engine's tables hold Stripe's own objects, but for the subscriptions that ended."""

from collections import Counter
from pathlib import Path

import pytest

from eqho.application import Application
from eqho.errors import RefreshFailed
from eqho.periods import FAR
from eqho.settings import Settings
from eqho.sources.base import pages
from eqho.sources.supabase.shapes import Shape
from eqho.sync import Interrupted
from eqho.tiers import views
from tests.services import plain_account
from tests.services.plain_account import DAY, NOW
from tests.services.supabase_project import OpenProject, key
from tests.services.supabase_tables import managed_tables, put, replit_tables
from tests.sources.supabase.rig import (
    ENDED,
    Rig,
    company,
    company_as_stored,
    from_stripe,
    mrr,
    of_each,
    source_of,
)
from tests.tiers.rig import LINES

KEPT = ("product", "price", "coupon", "customer", "subscription_schedule", "invoice", "credit_note", "refund")


def demo_rows() -> str:
    running = [body for body in company()["subscription"] if body["status"] not in ENDED]
    return put("subscription", running) + "".join(put(kind, company()[kind]) for kind in KEPT)


def test_today_equals_stripe_to_the_cent_and_ended_subscriptions_are_told_by_their_invoices(
    project: OpenProject, tmp_path: Path
) -> None:
    rig = Rig(source_of(project(managed_tables() + demo_rows())), tmp_path)
    result = rig.run()
    told, unread = rig.ledger()
    truth = from_stripe()
    assert unread == []
    assert mrr(told) == mrr(truth) > 0
    assert {issue.code for issue in result.issues} == {"not_in_source"}
    ended = {fact.id for fact in truth.subscriptions if fact.ended is not None and fact.status == "canceled"}
    brought_back = {fact.id for fact in told.subscriptions if fact.ended is not None}
    served = {truth.spans.names["subscription"][i] for i in truth.spans.subscription[truth.spans.end < FAR]}
    missing = (ended & served) - brought_back
    paid = {
        line.get("subscription") or line["parent"]["subscription_item_details"]["subscription"]
        for invoice in company()["invoice"]
        if invoice["status"] == "paid"
        for line in invoice["lines"]["data"]
        if line["parent"] and line["parent"]["subscription_item_details"]
    }
    assert brought_back >= ended & paid
    assert missing.isdisjoint(paid)
    unlisted = next(issue for issue in told.issues if issue.code == "unlisted_subscriptions")
    assert set(unlisted.subjects) == brought_back - {
        f.id for f in told.subscriptions if f.status != "canceled"
    }


def test_what_it_shows_of_the_past_differs_from_the_truth_by_these_kinds(
    project: OpenProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Month ends of the last two years: only subscriptions that the engine forgot may differ."""
    rig = Rig(source_of(project(managed_tables() + demo_rows())), tmp_path)
    rig.run()
    told, _ = rig.ledger()
    truth = from_stripe()
    forgotten = {body["id"] for body in company()["subscription"] if body["status"] in ENDED}
    kinds: Counter[str] = Counter()
    for at in range(NOW - 720 * DAY, NOW, 30 * DAY):
        ours, theirs = of_each(told, at), of_each(truth, at)
        for name in ours.keys() | theirs.keys():
            if ours.get(name, 0) == theirs.get(name, 0):
                kinds["equal"] += 1
                continue
            assert name in forgotten
            kinds[
                "not ended yet" if name not in theirs else "ended too early" if name not in ours else "worth"
            ] += 1
    with capsys.disabled():
        print(f"\nforgotten subscriptions at 24 month ends: {dict(kinds)}")
    assert kinds["equal"] / kinds.total() > 0.97


def test_as_the_engine_stores_it_only_tiers_and_discounts_named_by_id_are_lost_and_are_named(
    project: OpenProject, tmp_path: Path
) -> None:
    stored = company_as_stored()
    running = [body for body in stored["subscription"] if body["status"] not in ENDED]
    rows = "".join(put(kind, stored[kind]) for kind in KEPT) + put("subscription", running)
    rig = Rig(source_of(project(managed_tables() + rows)), tmp_path)
    rig.run()
    told, unread = rig.ledger()
    ours, truth = of_each(told), of_each(from_stripe())
    discounted = {body["id"] for body in company()["customer"] if body.get("discount")}
    costly = {
        body["id"]
        for body in company()["subscription"]
        if body["discounts"]
        or body["customer"] in discounted
        or any(
            item["discounts"] or item["price"]["billing_scheme"] == "tiered" for item in body["items"]["data"]
        )
    }
    assert {name for name in ours.keys() | truth.keys() if ours.get(name) != truth.get(name)} <= costly
    assert "price_without_amount" in {issue.code for issue in unread}


def test_while_the_project_is_down_the_last_good_build_stays(project: OpenProject, tmp_path: Path) -> None:
    opened = project(
        managed_tables()
        + put("product", [plain_account.product()])
        + put("price", [plain_account.price()])
        + put("subscription", [plain_account.subscription(1, NOW - 40 * DAY)])
    )
    settings = {
        "EQHO_SOURCE": "supabase", "SUPABASE_URL": opened.url, "SUPABASE_KEY": key(),
        "EQHO_DATA_DIR": str(tmp_path / "data"), "EQHO_NOW": "2026-11-22T12:00:00Z", "EQHO_CURRENCY": "usd",
    }  # fmt: skip
    app = Application(Settings(**settings), LINES)
    try:
        app.tiers.refresh(wait=True)
        opened.stop()
        with pytest.raises(RefreshFailed, match=r"Supabase does not answer at 127\.0\.0\.1"):
            app.tiers.refresh(wait=True)
        assert app.tiers.view(views.Metrics(), "all-products").value.revenue_metrics.mrr == 100.0
    finally:
        app.stop()


def test_2500_subscriptions_lose_nothing_though_every_answer_is_cut_at_1000_rows(
    project: OpenProject, tmp_path: Path
) -> None:
    account = [plain_account.subscription(number, NOW - 400 * DAY) for number in range(2_500)]
    opened = project(
        managed_tables()
        + put("product", [plain_account.product()])
        + put("price", [plain_account.price()])
        + put("customer", [plain_account.customer(number, NOW - 400 * DAY) for number in range(2_500)])
        + put("subscription", account)
    )
    rig = Rig(source_of(opened), tmp_path)
    rig.run()
    counted = rig.store.count_objects()
    assert (counted["subscription"], counted["customer"]) == (2_500, 2_500)
    assert mrr(rig.ledger()[0]) == 2_500 * 100 * 1_000_000
    asked = [path for path in opened.paths if path.startswith("/subscriptions?") and "limit=1000" in path]
    assert not any("offset" in path for path in asked)


def test_rows_that_are_written_while_it_reads_lose_none_of_the_others(project: OpenProject) -> None:
    account = [plain_account.subscription(number, NOW) for number in range(1_000, 2_500)]
    opened = project(managed_tables() + put("subscription", account))
    source = source_of(opened)
    coming = pages(source, "subscription", NOW)
    seen = {body["id"] for body in next(coming).objects}
    # 500 that sort before everything: with an offset each would push a row out of the next page.
    opened.sql(put("subscription", [plain_account.subscription(number, NOW) for number in range(500)]))
    seen |= {body["id"] for page in coming for body in page.objects}
    assert seen == {body["id"] for body in account}


def test_a_refresh_reads_what_was_written_since_and_an_idle_one_asks_each_table_once(
    project: OpenProject, tmp_path: Path
) -> None:
    subscription = plain_account.subscription(1, NOW - 400 * DAY)
    opened = project(
        managed_tables()
        + put("price", [plain_account.price(), plain_account.price(2, 50_000)])
        + put("subscription", [subscription, plain_account.subscription(2, NOW - 400 * DAY)])
    )
    rig = Rig(source_of(opened), tmp_path)
    rig.run()
    opened.asked.clear()
    result = rig.run()
    assert not result.changed
    assert not result.full
    asked = Counter(path.split("?")[0] for path in opened.paths if "limit=1000" in path)
    assert set(asked.values()) == {1}
    assert len(opened.paths) == len(asked) + 1  # and the view of the engine's runs
    subscription["items"]["data"][0]["price"] = plain_account.price(2, 50_000)
    opened.sql(put("subscription", [subscription]))
    result = rig.run()
    assert (result.full, result.changed, result.written) == (False, True, 1)
    assert mrr(rig.ledger()[0]) == 600 * 1_000_000


def test_a_row_that_is_gone_is_missed_by_the_next_full_read(project: OpenProject, tmp_path: Path) -> None:
    opened = project(
        managed_tables()
        + put("price", [plain_account.price()])
        + put("subscription", [plain_account.subscription(number, NOW - 40 * DAY) for number in (1, 2)])
    )
    rig = Rig(source_of(opened), tmp_path)
    rig.run()
    opened.sql("delete from stripe.subscriptions where id = 'sub_000002'")
    assert rig.run(full=True).deleted == 1
    assert mrr(rig.ledger()[0]) == 100 * 1_000_000


def test_old_rows_that_come_while_a_full_read_is_interrupted_are_not_taken_for_deleted(
    project: OpenProject, tmp_path: Path
) -> None:
    """The engine's own first read goes on: what it brings sorts before what was read here already."""
    account = [plain_account.subscription(number, NOW - 400 * DAY) for number in (1, 2, 3)]
    opened = project(
        managed_tables() + put("price", [plain_account.price()]) + put("subscription", account[1:])
    )
    rig = Rig(source_of(opened), tmp_path)
    rig.run()

    def subscriptions_are_read() -> bool:
        number = (rig.store.get_state("pull") or {})["number"]
        state = rig.store.get_state("pull:subscription") or {}
        return state["number"] == number == 2 and len(state["seen"]) == 2

    rig.sync.ask_full()
    rig.sync.catch_up()
    with pytest.raises(Interrupted):
        rig.sync.relist(interrupted=subscriptions_are_read)
    opened.sql(put("subscription", account[:1]))
    result = rig.run()
    assert (result.full, result.deleted) == (True, 0)
    assert mrr(rig.ledger()[0]) == 300 * 1_000_000


def test_the_older_engine_for_replit_is_read_likewise(project: OpenProject, tmp_path: Path) -> None:
    opened = project(
        replit_tables()
        + put("price", [plain_account.price()])
        + put("subscription", [plain_account.subscription(1, NOW - 40 * DAY)])
    )
    source = source_of(opened)
    assert source.shape is Shape.REPLIT
    rig = Rig(source, tmp_path)
    rig.run()
    assert mrr(rig.ledger()[0]) == 100 * 1_000_000
