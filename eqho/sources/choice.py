"""Which source is read: what the settings say, or Supabase in the place of a Stripe that refuses its key.

Of the libraries that speak to sources only those in use are imported: the others take longer than the first
page.
"""

from collections.abc import Callable
from typing import NamedTuple

from eqho.issues import FELL_BACK, Issue
from eqho.settings import Settings, reveal
from eqho.sources.base import KeyRefused, Source, SourceDenied, SourceError


class Choice(NamedTuple):
    """`origin`: whose data this is (demo, supabase, stripe-test or stripe-live); one never stands in for
    another. `notices` are to be told with every build."""

    source: Source
    origin: str
    notices: tuple[Issue, ...] = ()


def choose(settings: Settings, clock: Callable[[], int]) -> Choice:
    """Asks Stripe only where Supabase may take its place, with one try and no patience: who does not answer
    at all is waited for as ever."""
    if settings.source == "demo":
        from eqho.sources.demo import DemoSource  # noqa: PLC0415

        return Choice(DemoSource(clock), "demo")
    if settings.source == "supabase":
        return Choice(_supabase(settings, clock), "supabase")
    refused = _why_refused(settings) if settings.may_fall_back else None
    if refused is not None:
        said = f"{refused} Until the dashboard starts with a key that works, Supabase stands in for Stripe."
        return Choice(_supabase(settings, clock), "supabase", (Issue(FELL_BACK, said),))
    live = "_live_" in (reveal(settings.stripe_secret_key) or "")
    return Choice(_stripe(settings), "stripe-live" if live else "stripe-test")


def _why_refused(settings: Settings) -> SourceError | None:
    try:
        _stripe(settings, patient=False).check()
    except (KeyRefused, SourceDenied) as refused:
        return refused
    except SourceError:
        return None
    return None


def _stripe(settings: Settings, *, patient: bool = True) -> Source:
    from eqho.sources.stripe.retries import RetryPolicy  # noqa: PLC0415
    from eqho.sources.stripe.source import StripeSource  # noqa: PLC0415

    key = reveal(settings.stripe_secret_key) or ""
    if patient:
        return StripeSource(key, settings.stripe_api_base)
    return StripeSource(key, settings.stripe_api_base, retries=RetryPolicy(tries=1), timeout=(5.0, 10.0))


def _supabase(settings: Settings, clock: Callable[[], int]) -> Source:
    from eqho.sources.supabase import SupabaseSource  # noqa: PLC0415

    key = reveal(settings.supabase_key) or ""
    return SupabaseSource(settings.supabase_url or "", key, settings.supabase_account, clock=clock)
