"""The metrics once more, by walking through time in steps of six hours: slow, plain, and without arrays."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from eqho.ledger.spans import Span, State
from eqho.metrics.policy import MrrPolicy
from eqho.periods import Period

STEP = 6 * 3_600
ORIGIN = 1_732_060_800  # 2024-11-20: before the first span


class Walk(NamedTuple):
    """By customer, MRR units before ORIGIN (none) and at each step from it on: of the product, of the
    company, and of the company with what is paused. Spans begin and end on steps."""

    product: dict[str, list[int]]
    company: dict[str, list[int]]
    present: dict[str, list[int]]

    def at(self, instant: int) -> int:
        """The step that still stands at an instant."""
        return max(0, (instant - ORIGIN) // STEP + 1)


def walk(spans: Sequence[Span], line: str | None, policy: MrrPolicy, currency: str, steps: int) -> Walk:
    def worth(counts: Callable[[Span], bool]) -> dict[str, list[int]]:
        found = {span.customer: [0] * (steps + 1) for span in spans}
        for step in range(1, steps + 1):
            instant = instant_of(step)
            for span in spans:
                end = span.end if policy.churn_at == "ended" else min(span.end, span.requested)
                if span.currency == currency and span.start <= instant < end and counts(span):
                    found[span.customer][step] += (
                        span.net_eqho if policy.repeating_coupons else span.net_stripe
                    )
        return found

    return Walk(
        product=worth(lambda s: s.state != State.PAUSED and line in (None, s.line)),
        company=worth(lambda s: s.state != State.PAUSED),
        present=worth(lambda s: True),
    )


def instant_of(step: int) -> int:
    return ORIGIN + (step - 1) * STEP


class Change(NamedTuple):
    kind: str
    before: int
    after: int


def changes(walked: Walk, period: Period, now: int) -> dict[str, Change]:
    """What each customer's net change in a period is called."""
    first, last = walked.at(period.start - 1), walked.at(period.sample(now))
    found = {}
    for customer, worth in walked.product.items():
        before, after = worth[first], worth[last]
        elsewhere_before = walked.present[customer][first] > 0
        elsewhere_after = walked.present[customer][last] > 0
        ever = any(walked.company[customer][: first + 1])
        if before == after:
            continue
        if before == 0:
            kind = "entering" if elsewhere_before else "reactivation" if ever else "new"
        elif after == 0:
            kind = "leaving" if elsewhere_after else "churn"
        else:
            kind = "expansion" if after > before else "contraction"
        found[customer] = Change(kind, before, after)
    return found


def amounts(changed: dict[str, Change]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for change in changed.values():
        sums[change.kind] += abs(change.after - change.before)
    return sums


def counts(changed: dict[str, Change]) -> Counter[str]:
    return Counter(change.kind for change in changed.values())


def retention(walked: Walk, then: int, now: int) -> tuple[float | None, float | None]:
    """(NRR, GRR)."""
    pairs = [(worth[walked.at(then)], worth[walked.at(now)]) for worth in walked.product.values()]
    base = sum(before for before, _ in pairs)
    if base == 0:
        return None, None
    kept = sum(after for before, after in pairs if before > 0)
    return kept / base, sum(min(pair) for pair in pairs) / base


def rolling_churn(walked: Walk, now: int) -> float | None:
    """Of those who paid at any time in the 30 days before `now`, the share that has nothing any more."""
    since, last = walked.at(now - 30 * 86_400), walked.at(now)
    paid = [c for c, worth in walked.product.items() if any(worth[since : last + 1])]
    gone = [c for c in paid if walked.present[c][last] == 0]
    return len(gone) / len(paid) if paid else None


def cohorts(walked: Walk, months: Sequence[Period], now: int) -> dict[str, tuple[int, list[int], list[int]]]:
    """By month: how many began, and at the end of each month from then on customers and MRR units."""
    began: dict[str, list[str]] = {}
    for customer, worth in walked.product.items():
        first = next((step for step, value in enumerate(worth) if value > 0), None)
        if first is not None and instant_of(first) <= now:
            label = next(month.label for month in months if month.start <= instant_of(first) < month.end)
            began.setdefault(label, []).append(customer)
    table = {}
    for i, month in enumerate(months):
        if month.label in began:
            worths = [
                [walked.product[c][walked.at(m.end - 1)] for c in began[month.label]]
                for m in months[i:]
                if not m.is_open(now)
            ]
            customers = [sum(value > 0 for value in worth) for worth in worths]
            table[month.label] = (len(began[month.label]), customers, [sum(worth) for worth in worths])
    return table
