"""Imports what pages need before somebody asks for it: a first visitor does not wait for libraries."""

import gc
import importlib
import logging
import pkgutil
import threading
from collections.abc import Callable, Sequence

import eqho.ui.pages
from eqho.refresh.attention import Attention

log = logging.getLogger("eqho.start")

FIRST_PAGE = (
    "pandas",
    "plotly.graph_objects",
    "eqho.ui.login",
    "eqho.ui.banners",
    "eqho.ui.sidebar",
    "eqho.ui.url_state",
    "eqho.ui.layout",
    "eqho.ui.cards",
    "eqho.ui.charts.series",
    "eqho.ui.charts.draw",
    "eqho.ui.pages.movements",
    "eqho.ui.pages.this_week",
)

WHILE_A_PAGE_IS_DRAWN = ("statsmodels.tsa.holtwinters",)
"""Imported as late as the page that needs them asks its question."""


class Warming:
    """A thread that imports the first page's modules at once, and makes the rest when nobody waits: the other
    pages, what `later` names, and libraries of single questions. Until then nothing that is made is thrown
    away, and looking for garbage among it takes a quarter of the time: the collector begins when the first
    page is imported, with what is new.
    """

    def __init__(self, attention: Attention, later: Sequence[Callable[[], object]] = ()) -> None:
        self._attention, self._later = attention, later
        self._stopped = threading.Event()

    def start(self) -> None:
        gc.disable()
        threading.Thread(target=self._run, name="eqho-warming", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        try:
            import_first_page()
            self._attention.wait_for_calm(lambda: False, self._stopped)
        finally:
            gc.collect()
            gc.freeze()
            gc.enable()
        self._make_the_rest()

    def _make_the_rest(self) -> None:
        try:
            modules = map(_importing, WHILE_A_PAGE_IS_DRAWN)
            for make in (*map(_importing, _other_pages()), *self._later, *modules):
                self._attention.wait_for_calm(lambda: False, self._stopped)
                if self._stopped.is_set():
                    return
                make()
        except Exception:  # whoever asks for it meets the same failure, and is told
            log.exception("not everything could be made ready before somebody asks for it")


def import_first_page() -> None:
    for name in FIRST_PAGE:
        importlib.import_module(name)
    # Plotly imports the classes of a figure as they are used.
    graphs = importlib.import_module("plotly.graph_objects")
    graphs.Figure([graphs.Bar(x=[0], y=[0]), graphs.Waterfall(x=[0], y=[0]), graphs.Scatter(x=[0])]).to_json()


def _other_pages() -> list[str]:
    return sorted(f"eqho.ui.pages.{module.name}" for module in pkgutil.iter_modules(eqho.ui.pages.__path__))


def _importing(name: str) -> Callable[[], object]:
    return lambda: importlib.import_module(name)
