"""What the newest bills tell, back to their horizon, is what all bills tell."""

import os
from typing import Any

import msgspec
import pytest

from eqho.billing.normalise import read_account
from eqho.billing.objects import Account
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.horizon import horizon
from eqho.ledger.spans import State
from eqho.stripe_simulator.calendar import DAY
from tests.ledger.comparison import Written
from tests.ledger.giving_company import GivingCompany
from tests.ledger.random_company import RandomCompany
from tests.ledger.stripe_account import Lines

SEEDS = int(os.environ.get("EQHO_SEEDS", "10"))
_LINES = Lines()
Balance = dict[tuple[str, str, str], tuple[int, int, bool]]


FOUND = (156,)
"""Seeds that once told something else."""


def balance(ledger: Ledger, at: int) -> Balance:
    """By customer, product line and currency: MRR units under both policies, and whether somebody is away."""
    found: dict[tuple[str, str, str], list[int]] = {}
    s = ledger.spans
    for i in range(len(s)):
        if s.start[i] <= at < s.end[i] and s.net_stripe[i] + s.net_eqho[i]:
            key = tuple(s.names[c][getattr(s, c)[i]] for c in ("customer", "line", "currency"))
            entry = found.setdefault(key, [0, 0, 0])  # type: ignore[arg-type]
            if s.state[i] < State.PAUSED:
                entry[0] += int(s.net_eqho[i])
                entry[1] += int(s.net_stripe[i])
            else:
                entry[2] = 1
    return {key: (a, b, bool(away)) for key, (a, b, away) in found.items()}


def built(account: Account, now: int) -> Ledger:
    return build_ledger(account, _LINES, now)


def newest_bills(account: Account, read_from: int) -> Account:
    return msgspec.structs.replace(
        account, invoices=tuple(i for i in account.invoices if i.created >= read_from)
    )


@pytest.mark.parametrize("company", [RandomCompany, GivingCompany])
@pytest.mark.parametrize("events", [True, False], ids=["with events", "without events"])
def test_random_companies_are_told_alike_back_to_the_horizon(
    events: bool, company: type[RandomCompany], capsys: pytest.CaptureFixture[str]
) -> None:
    days = 0
    for seed in (*range(SEEDS // 2 if company is GivingCompany else SEEDS), *FOUND):
        sim = company(seed).sim
        account, now = _account(Written(sim.account, ("newest",)), events), sim.account.now
        whole = built(account, now)
        for read_from in range(now - 330 * DAY, now, 23 * DAY):
            part = newest_bills(account, read_from)
            since = horizon(part, read_from, now)
            # A gap of a day is merged with what was there before it.
            since = min(now, since + DAY)
            told = built(part, now)
            for at in [*range(since, now, 3 * DAY), now]:
                assert balance(told, at) == balance(whole, at), (seed, read_from, since, at)
                days += at < now
    with capsys.disabled():
        print(f"\n{SEEDS} companies: {days:,} past days told alike")
    assert days > 2 * SEEDS


def _account(written: Written, events: bool) -> Account:
    bodies: dict[str, Any] = dict(written.bodies("newest"))
    if not events:
        bodies["event"] = []
    return read_account(bodies)[0]
