"""Whatever day a past day is asked about, it is told the same: random companies, polled at random times.

A sync that is killed, started anew, refused, cut short, away for forty days and re-listed in between keeps a
diary of what it told of closed days. At the end the past is told once more.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from eqho.money import MRR_SCALE
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator import account
from eqho.stripe_simulator.calendar import DAY
from tests.ledger.untold import Untold, untold
from tests.sync.polled_company import PolledCompany, Told, by_day

SEEDS = range(300, 300 + int(os.environ.get("EQHO_SEEDS", "4")))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_told_of_closed_days_is_told_for_ever(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db")
    company = PolledCompany(seed, store)
    scene = company.end()
    final = by_day(scene, sorted({at for page in company.diary for at in page.days}))
    store.close()
    monkeypatch.setattr(account, "EVENT_RETENTION", 10_000 * DAY)
    undated = untold(company.sim)
    kinds: Counter[str] = Counter()
    compared = 0
    for page in company.diary:
        for at, then in page.days.items():
            for name in then.keys() | final[at].keys():
                compared += 1
                if abs(then.get(name, 0) - final[at].get(name, 0)) >= MRR_SCALE:
                    kinds[_reason(company, page, name, at, undated)] += 1
    with capsys.disabled():
        print(
            f"\nseed {seed}: {len(company.diary)} told of {compared:,} days of subscriptions; polls "
            f"{dict(company.fates)}; {dict(company.bad_days.seen)}; {dict(company.given)}; changed "
            f"{dict(kinds) or 'none'}"
        )
    assert compared > 0
    assert kinds[""] == 0


def _reason(company: PolledCompany, page: Told, subscription: str, at: int, undated: list[Untold]) -> str:
    if company.came_back(subscription, at):
        return "back within the day that is no churn"
    if company.created(subscription) >= page.at:
        return "sold later, with a start in the past"
    if company.concerns(subscription, page.lacking):
        return "told while an object of the customer could not be read"
    if company.was_on_a_draft(subscription, at, page.at):
        return "on a draft then"
    kinds = (u.kind for u in undated if u.subscription == subscription and u.start <= at < u.end)
    return next(kinds, "")
