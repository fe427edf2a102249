"""Puts the parts together, once per process."""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from eqho.clock import Clock
from eqho.inputs.account_categories import AccountCategories
from eqho.inputs.entries import Entries
from eqho.messages.destinations import parse_destinations
from eqho.messages.messenger import Messenger
from eqho.messages.outbox import Outbox
from eqho.messages.rules import Rules, load_rules
from eqho.metrics.entered import Inputs
from eqho.products import ProductLines, load
from eqho.refresh.pipeline import Builder
from eqho.refresh.publishing import Conventions
from eqho.settings import Settings, load_settings, reveal
from eqho.sources.base import Source
from eqho.sources.choice import choose
from eqho.store import open_store
from eqho.store.base import Store
from eqho.store.damage import moved_aside
from eqho.sync import Owner, Sync
from eqho.tiers import Tiers
from eqho.tiers.daily_rates import DailyRates
from eqho.tiers.saved_comparisons import SavedComparisons
from eqho.tiers.saved_views import SavedViews

ROOT = Path(__file__).resolve().parent.parent


class Application:
    """Everything a page or a route needs. Nothing is read before `start` or the first look-up, but whether
    Stripe takes the key where Supabase may take its place."""

    def __init__(self, settings: Settings, products: ProductLines, rules: Rules | None = None) -> None:
        self.settings, self.products = settings, products
        self.clock = Clock(settings.now)
        chosen = choose(settings, self.clock.now)
        self.source, self.origin = chosen.source, chosen.origin
        self.clock.follow(lambda: self.source.now)
        self.store = _store(settings)
        conventions = Conventions(
            zone=ZoneInfo(settings.timezone),
            currency=settings.currency,
            policy=settings.policy,
            merge_gap_days=settings.merge_gap_days,
            customer_url=_customer_url(self.origin),
        )
        owner = Owner(self.source, self.origin)
        sync = Sync(self.source, self.store, self.clock.now, owner=owner)
        entries = Entries(self.store, products, _sample_inputs(self.source, self.clock))
        builder = Builder(
            sync,
            self.store,
            products,
            conventions,
            self.clock.now,
            owner,
            entries,
            notices=lambda: (*chosen.notices, *self.clock.notices(), *moved_aside(settings.data_dir)),
        )
        self.tiers = Tiers(
            builder,
            self.store,
            products,
            conventions,
            self.source.name,
            owner,
            settings.cache_ttl,
            lambda: self.source.requests,
        )
        self.rates = DailyRates(self.tiers, settings.fx)
        self.comparisons = SavedComparisons(self.store, self.origin)
        self.account_categories = AccountCategories(self.store, self.origin)
        self.views = SavedViews(self.store, self.origin)
        self.messenger = Messenger(
            self.tiers,
            self.store,
            Outbox(self.store, self.origin),
            parse_destinations(reveal(settings.alerts)),
            rules or Rules(),
            conventions.zone,
            self.clock.now,
            settings.public_url,
            demo=self.source.name == "demo",
        )

    def start(self) -> None:
        """Refresh on schedule, follow other replicas and send messages, in the background."""
        interval = self.settings.sync_interval
        threading.Thread(
            target=self.tiers.run_background, args=(interval,), name="eqho-schedule", daemon=True
        ).start()
        self.messenger.start()
        self.rates.start()

    def stop(self) -> None:
        self.messenger.stop()
        self.rates.stop()
        self.tiers.stop()
        self.store.close()


@cache
def application() -> Application:
    """The process's one application. Raises SettingsError and ConfigurationError with one sentence."""
    settings = load_settings(ROOT)
    configured = ROOT / "eqho.toml"
    return Application(settings, load(configured), load_rules(configured))


def _sample_inputs(source: Source, clock: Clock) -> Callable[[], Inputs] | None:
    if source.name != "demo":
        return None
    from eqho.sources.demo.inputs import demo_inputs  # noqa: PLC0415

    return lambda: demo_inputs(clock.now())


def _store(settings: Settings) -> Store:
    return open_store(reveal(settings.mongodb_url), settings.mongodb_database, settings.data_dir)


def _customer_url(origin: str) -> str:
    """What stands before a customer's id in Stripe's dashboard; "" where the data is not Stripe's."""
    pages = {
        "stripe-live": "https://dashboard.stripe.com/customers/",
        "stripe-test": "https://dashboard.stripe.com/test/customers/",
    }
    return pages.get(origin, "")
