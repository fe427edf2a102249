"""What a subscription counts as through time: told by events, else read from its bills and trial."""

from collections.abc import Sequence

from eqho.billing.objects import Invoice, Subscription
from eqho.ledger.records import Records
from eqho.ledger.sightings import SOON, in_service
from eqho.ledger.spans import State
from eqho.ledger.trials import AT_ONCE, Trials, Window


def flags_of(records: Records, trials: Trials, now: int) -> list[tuple[int, State]]:
    """(instant, state from then on), oldest first. Events say it best; else today's status is dated by the
    invoices that were left unpaid or void."""
    subscription = records.subscription
    told = [(s.at, _flag(s.subscription, trials, s.at)) for s in records.snapshots]
    flags = [f for f in _billed_pauses(records.invoices) if not told or f[0] < told[0][0]] + told
    for sighting in in_service(records, trials):
        seen = _flag(sighting.subscription, trials, sighting.at)
        flags = _reaching(flags, records.invoices, seen, sighting.at)
    if subscription.ended_at is None:
        flags = _reaching(flags, records.invoices, _flag(subscription, trials, now), now)
    if trials.first:
        flags = _with_trial(flags, trials.first, State.OUT)
    for window in trials.lapsed:
        flags = _with_trial(flags, window, State.OUT)
    for window in trials.free:
        flags = _with_trial(flags, window, State.FREE_PERIOD)
    return flags


def _reaching(
    flags: list[tuple[int, State]], invoices: Sequence[Invoice], seen: State, at: int
) -> list[tuple[int, State]]:
    """The flags with what was `seen` in force at the instant."""
    before = [f for f in flags if f[0] <= at]
    after = flags[len(before) :]
    if (before[-1][1] if before else State.ACTIVE) is seen:
        return flags
    if after and after[0][1] is seen and after[0][0] - at <= SOON:
        return flags
    since = at
    if seen is not State.ACTIVE:
        since = _unsettled_since([i for i in invoices if i.created <= at], seen, at)
        before = [f for f in before if f[0] < since]
    return [*before, (since, seen), *after]


def _billed_pauses(invoices: Sequence[Invoice]) -> list[tuple[int, State]]:
    """A paused subscription goes on to be billed, and Stripe takes each bill back in the same moment; where
    it writes them off, a bill of nothing is left standing."""
    flags: list[tuple[int, State]] = []
    written_off = False
    for invoice in invoices:
        taken_back = taken_back_at_once(invoice)
        if not flags and not taken_back:
            continue
        start = _period_start(invoice)
        silent = written_off and invoice.amount_due == 0 and invoice.status == "paid"
        if silent or (start is None and not taken_back):
            continue
        written_off = taken_back and invoice.status == "uncollectible"
        state = State.PAUSED if taken_back else State.ACTIVE
        if not flags or state is not flags[-1][1]:
            flags.append((invoice.created if start is None else start, state))
    return flags


def _period_start(invoice: Invoice) -> int | None:
    """Of the period billed in advance: usage lies before it, and what is sold once has no period."""
    starts = [line.start for line in invoice.lines if not line.proration and line.start < line.end]
    return max(starts, default=None)


def taken_back_at_once(invoice: Invoice) -> bool:
    taken_back = invoice.voided_at if invoice.status == "void" else invoice.uncollectible_at
    return taken_back is not None and taken_back - invoice.created <= AT_ONCE


def _flag(subscription: Subscription, trials: Trials, at: int) -> State:
    if subscription.status == "trialing" and trials.frees(at):
        return State.FREE_PERIOD
    if subscription.status in ("trialing", "unpaid", "paused", "incomplete", "incomplete_expired"):
        return State.OUT
    if subscription.pause in ("void", "mark_uncollectible"):
        return State.PAUSED
    return State.PAST_DUE if subscription.status == "past_due" else State.ACTIVE


def _unsettled_since(invoices: Sequence[Invoice], today: State, now: int) -> int:
    """Start of the trailing run of invoices that are open (past due, unpaid) or were taken back (paused)."""
    since = now
    for invoice in reversed(invoices):
        taken_back = taken_back_at_once(invoice)
        left_unpaid = invoice.status in ("open", "uncollectible", "draft") and not taken_back
        if not (taken_back if today is State.PAUSED else left_unpaid):
            break
        start = _period_start(invoice)
        since = min(since, invoice.created if start is None else start)
    return since


def _with_trial(flags: list[tuple[int, State]], trial: Window, state: State) -> list[tuple[int, State]]:
    """A trial is out of MRR whatever else is said of it. What is said at its very end holds from then on."""
    start, end = trial
    outside = [f for f in flags if not start <= f[0] < end]
    if not any(at == end for at, _ in outside):
        before_end = flag_at(flags, end)
        over = before_end in (State.OUT, State.FREE_PERIOD)
        outside.append((end, State.ACTIVE if over else before_end))
    return sorted([*outside, (start, state)], key=lambda f: f[0])


def flag_at(flags: Sequence[tuple[int, State]], at: int) -> State:
    current = State.ACTIVE
    for since, flag in flags:
        if since > at:
            break
        current = flag
    return current
