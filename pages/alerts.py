"""The digest and the alerts: what would go out, where to, and what has."""

from eqho.ui import banners, queries
from eqho.ui.layout import header, section
from eqho.ui.pages import alerts

there_are_numbers = not banners.nothing_yet()

header("Alerts", queries.metrics("all-products") if there_are_numbers else None)
if not there_are_numbers:
    banners.first_sync()

section("Destinations", "Where messages go: EQHO_ALERTS in the settings.")
alerts.destinations()

section("Rules", "What is worth a message: [alerts] in eqho.toml.")
alerts.rules()

if there_are_numbers:
    section(
        "Preview",
        "What the rules make of the figures of today, whether it has gone out or not. Nothing is sent.",
    )
    alerts.preview()

section("Sent and waiting", "Of each message every destination gets one.")
alerts.copies()
