"""The main script of the dashboard: page configuration, door, navigation, sidebar, and the page itself.

One place turns whatever goes wrong into a sentence: nobody sees a stack trace.
"""

import logging
import secrets
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from eqho.errors import BadArgument, NoBuild, NotToldYet
from eqho.products import ConfigurationError, UnknownProduct
from eqho.settings import SettingsError
from eqho.sources.base import SourceError
from eqho.store.base import StoreError
from eqho.ui import banners, login, sidebar, url_state
from eqho.ui import format as fmt
from eqho.ui.navigation import PLACES, Place, unknown_address, unknown_page_sentence
from eqho.ui.queries import app, one_run

ASSETS = Path(__file__).parent.parent / "assets"
_log = logging.getLogger(__name__)


def main() -> None:
    st.set_page_config(page_title="Eqho Metrics", page_icon=ASSETS / "icon.png", layout="wide")
    st.logo(ASSETS / "logo.svg", icon_image=ASSETS / "icon.svg", size="large")
    st.html(ASSETS / "style.css")
    for script in ("same_tab.html", "history.html"):
        st.html((ASSETS / script).read_text(), unsafe_allow_javascript=True)
    with one_run():
        guarded(_shell)


def _shell() -> None:
    if not login.admitted(app().settings):
        return
    by_section: dict[str, list[st.Page]] = {}
    places: dict[st.Page, Place] = {}
    for place in PLACES:
        page = st.Page(place.path, title=place.title, icon=place.icon, default=place is PLACES[0])
        by_section.setdefault(place.section, []).append(page)
        places[page] = place
    page = st.navigation(by_section, expanded=True)
    url_state.arrived(places[page].file)
    app().tiers.await_first()
    with st.sidebar:
        guarded(lambda: sidebar.draw(places[page]))
    if sentence := _lost(places[page]):
        st.warning(fmt.markdown(sentence), icon=":material/help:")
    guarded(lambda: _page(page, places[page]))


def _page(page: st.Page, place: Place) -> None:
    banners.draw()
    if banners.nothing_yet() and not place.has_more_than_numbers:
        banners.first_sync()
    else:
        if not place.shows_the_sync:
            banners.past_on_its_way()
        page.run()


def _lost(place: Place) -> str | None:
    """The sentence for a visitor whose address led nowhere; it stays until another page is opened.

    Streamlit replaces such an address at once, so that the next run no longer sees it.
    """
    unknown = unknown_address(st.context.url, st.get_option("server.baseUrlPath"))
    if unknown:
        st.session_state["lost"] = unknown
    elif place is not PLACES[0]:
        st.session_state.pop("lost", None)
    lost = st.session_state.get("lost")
    return unknown_page_sentence(lost) if lost else None


def guarded(draw: Callable[[], None]) -> None:
    """Draw, or say in one sentence why not. What nobody foresaw goes to the log under a reference."""
    try:
        draw()
    except NoBuild as missing:
        st.info(fmt.markdown(missing.sentence), icon=":material/hourglass:")
    except NotToldYet as waiting:
        st.info(fmt.markdown(str(waiting)), icon=":material/hourglass:")
    except (StoreError, SourceError, SettingsError, ConfigurationError, UnknownProduct, BadArgument) as known:
        st.error(fmt.markdown(str(known)), icon=":material/error:")
    except Exception:
        reference = secrets.token_hex(3)
        _log.exception("page failed, reference %s", reference)
        st.error(
            f"This part of the page could not be drawn. The log has the cause under reference {reference}.",
            icon=":material/error:",
        )


if __name__ == "__main__":
    main()
