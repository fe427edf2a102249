"""The ledger equals the truth of simulated companies, known by construction without a line of the engine."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from eqho.ledger.build import Ledger
from eqho.sources.demo import company
from eqho.stripe_simulator import account
from eqho.stripe_simulator.calendar import DAY, instant
from tests.ledger.comparison import (
    SHAPES,
    Shape,
    Written,
    compare,
    compare_mrr,
    day,
    told_stretches,
    true_stretches,
)
from tests.ledger.random_company import RandomCompany
from tests.ledger.untold import Untold, untold
from tests.oracle.simulator import Simulator, build_company

NOW = instant("2026-11-22T12:00:00")
_BLOCK = 10
_BLOCKS = [range(first, first + _BLOCK) for first in range(0, 200, _BLOCK)]


class Company(NamedTuple):
    """A simulated account, as Stripe shows it, and what only its events tell."""

    sim: Simulator
    shapes: tuple[Shape, ...]
    written: Written
    untold: list[Untold]

    @classmethod
    def of(cls, sim: Simulator, shapes: tuple[Shape, ...] = SHAPES) -> "Company":
        return cls(sim, shapes, Written(sim.account, shapes), untold(sim))


@pytest.fixture(autouse=True, scope="module")
def _every_event_is_kept() -> Iterator[None]:
    """As by a sync that ran from the first day on; Stripe itself keeps them for 30 days."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (account, company):
            patch.setattr(module, "EVENT_RETENTION", 10_000 * DAY)
        yield


@pytest.fixture(scope="module", params=_BLOCKS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def companies(request: pytest.FixtureRequest, _every_event_is_kept: None) -> dict[int, Company]:
    """By seed: a few customers each, for about a year; in the newest shape and in one of the older ones."""
    older: tuple[Shape, Shape] = ("acacia", "basil")
    return {seed: Company.of(RandomCompany(seed).sim, ("newest", older[seed % 2])) for seed in request.param}


@pytest.fixture(scope="module")
def demo(_every_event_is_kept: None) -> Company:
    return Company.of(build_company(NOW))


def test_random_companies_are_told_exactly_where_events_were_kept(companies: dict[int, Company]) -> None:
    for seed, each in companies.items():
        for shape in each.shapes:
            compared = compare(each.sim, each.written.ledger(shape, events=True))
            assert compared.wrong == [], (seed, shape)
            assert compared.item_days > 100


def test_without_events_only_what_nobody_can_date_is_off_and_today_is_exact(
    companies: dict[int, Company], capsys: pytest.CaptureFixture[str]
) -> None:
    kinds: Counter[str] = Counter()
    item_days = 0
    for seed, each in companies.items():
        for shape in each.shapes:
            ledger = each.written.ledger(shape, events=False)
            compared = compare_mrr(each.sim, ledger)
            found = compared.by_kind(each.untold)
            assert found[""] == 0, (seed, shape)
            assert today_is_exact(each.sim, ledger), (seed, shape)
            kinds += found
            item_days += compared.item_days
    report(capsys, f"seeds {min(companies)} to {max(companies)}", item_days, kinds)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_demo_company_is_told_exactly_where_events_were_kept(demo: Company, shape: Shape) -> None:
    compared = compare(demo.sim, demo.written.ledger(shape, events=True))
    assert compared.wrong == []
    assert compared.item_days > 50_000


@pytest.mark.parametrize("shape", SHAPES)
def test_of_the_demo_company_without_events_one_item_day_in_fifty_is_off(
    demo: Company, shape: Shape, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = demo.written.ledger(shape, events=False)
    compared = compare_mrr(demo.sim, ledger)
    kinds = compared.by_kind(demo.untold)
    assert kinds[""] == 0
    assert kinds.total() < compared.item_days / 50
    assert today_is_exact(demo.sim, ledger)
    report(capsys, f"demo company, {shape}", compared.item_days, kinds)


def test_a_single_wrong_unit_is_found_on_each_of_its_days() -> None:
    each = Company.of(RandomCompany(3).sim)
    ledger = each.written.ledger("newest", events=True)
    spans = ledger.spans
    longest = int((spans.end.clip(max=ledger.now) - spans.start).argmax())
    spans.net_eqho[longest] += 1
    wrong = compare(each.sim, ledger).wrong
    length = (min(int(spans.end[longest]), ledger.now) - int(spans.start[longest])) // DAY
    assert length <= len(wrong) <= length + 2


def today_is_exact(sim: Simulator, ledger: Ledger) -> bool:
    return day(told_stretches(ledger), ledger.now) == day(true_stretches(sim), ledger.now)


def report(capsys: pytest.CaptureFixture[str], what: str, item_days: int, kinds: Counter[str]) -> None:
    listed = ", ".join(f"{kind} {count:,}" for kind, count in kinds.most_common() if count)
    with capsys.disabled():
        print(f"\n{what}: {item_days:,} item-days; undatable: {listed or 'none'}")
