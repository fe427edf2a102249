"""What every number means: formula, unit, direction, place in the API, and its value now."""

from eqho.ui import banners, queries
from eqho.ui.layout import header
from eqho.ui.pages import definitions

document = None if banners.nothing_yet() else queries.metrics("all-products")
header("Definitions", document)
definitions.picked(document)
definitions.groups(document)
