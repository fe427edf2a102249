"""Where the numbers come from: tiers, sync, coverage, issues, the bridge to Stripe's number, settings."""

from eqho.ui import engine, notices, reading
from eqho.ui.header import header, section

there_are_numbers = not notices.nothing_yet()

header("Data & cache", reading.metrics("all-products") if there_are_numbers else None)
if not there_are_numbers:
    notices.first_sync()

section("Tiers", "Memory, then the store, then the source: the first that knows a number answers.")
engine.tiers()

if there_are_numbers:
    section("Sync")
    engine.sync()

    section("Data issues", "What was left out of the numbers, and what to do about it.")
    engine.issues()

    section("Bridge to Stripe's number", "From list prices to MRR under both policies, line by line.")
    engine.bridge()

section("Settings", "Secrets are never shown.")
engine.settings()
