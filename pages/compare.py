"""An export of another tool beside our numbers: every difference, with its cause."""

from eqho.ui import queries
from eqho.ui.layout import header
from eqho.ui.pages import compare

header("Compare", queries.metrics("all-products"))
asked = compare.ask()
if asked is not None:
    compare.answer(asked)
compare.kept()
