"""Where the numbers come from: tiers, sync, coverage, issues, the bridge to Stripe's number, settings."""

from eqho.ui import banners, queries
from eqho.ui.layout import header, section
from eqho.ui.pages import connect, data, told_history, workbook

there_are_numbers = not banners.nothing_yet()

header("Data & cache", queries.metrics("all-products") if there_are_numbers else None)
if not there_are_numbers:
    banners.first_sync()

if not connect.is_connected():
    connect.steps()

section("Tiers", "Memory, then the store, then the source: the first that knows a number answers.")
data.tiers()

if there_are_numbers:
    section("Export", "The whole picture as one Excel workbook; each table has its own CSV too.")
    workbook.button("workbook")

    section("Sync")
    data.sync()

    if history := told_history.recorded():
        section("History from another origin")
        told_history.draw(history)

    section("Data issues", "What was left out of the numbers, and what to do about it.")
    data.issues()

    section("Bridge to Stripe's number", "From list prices to MRR under both policies, line by line.")
    data.bridge()

if connect.is_connected():
    connect.steps()

section("Settings", "Secrets are never shown.")
data.settings()
