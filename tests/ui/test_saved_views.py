"""Saved views in the sidebar of every page."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from eqho.ui.navigation import PLACES

Visit = Callable[..., AppTest]
HOSTILE = [
    "[x](https://evil.example)",
    "](javascript:alert(1)) <b>bold</b>",
    "$E=mc^2$ `code` :red[x] **b**",
    "Zoë's “Board” – 2026/Q4 & more",
    "=1+1",
]


def links(app: AppTest) -> list[str]:
    return [line for one in app.sidebar.markdown for line in one.value.splitlines() if line.startswith("- [")]


def address(link: str) -> str:
    found = re.search(r"(?<!\\)\]\(([^()\s]+)\)$", link)
    assert found, link
    return found[1]


def save(app: AppTest, name: str) -> AppTest:
    app.text_input(key="view-name").set_value(name)
    next(one for one in app.button if one.label == "Save view").click()
    return app.run()


def test_the_state_of_a_page_is_saved_and_leads_back_to_it(visit: Visit) -> None:
    app = save(visit("trends.py", policy="stripe", metrics="mrr,arr"), "Board")
    assert not app.exception
    (link,) = links(app)
    assert link.startswith("- [Board](trends?")
    asked = dict(parse_qsl(urlsplit(address(link)).query))
    assert asked["policy"] == "stripe"
    assert asked["metrics"] == "mrr,arr"
    again = visit("trends.py", **asked)
    assert again.session_state["policy"] == "stripe"
    assert list(again.session_state["metrics"]) == ["mrr", "arr"]
    assert links(again) == [link]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_every_page_can_be_saved(visit: Visit, application: SimpleNamespace, place: SimpleNamespace) -> None:
    app = save(visit(place.file, policy="stripe"), "Here")
    (saved,) = application.views.all()
    assert saved.page == place.address
    assert dict(parse_qsl(saved.query))["policy"] == "stripe"
    assert urlsplit(address(links(app)[0])).path == (place.address or "./")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_a_name(visit: Visit, name: str) -> None:
    app = save(visit(), name)
    (link,) = links(app)
    assert urlsplit(address(link)).path == "./"
    text = link.removeprefix("- [").removesuffix(f"]({address(link)})")
    # What cannot be seen in it keeps an address from becoming a link.
    assert re.sub(r"\\(.)", r"\1", text).replace("\u200b", "") == name
    assert not re.search(r"(?<!\\)[\[\]()<>$`*:]", text)


def test_a_view_is_renamed_and_deleted(visit: Visit, application: SimpleNamespace) -> None:
    app = save(visit("customers.py"), "Before")
    app.run()
    app.selectbox(key="changed-view").select_index(0)
    app.text_input(key="view-new-name").set_value("After")
    next(one for one in app.button if one.label == "Rename view").click()
    app.run()
    assert [one.name for one in application.views.all()] == ["After"]
    assert "[After]" in links(app)[0]
    app.run()
    app.selectbox(key="changed-view").select_index(0)
    next(one for one in app.button if one.label == "Delete view").click()
    app.run()
    assert application.views.all() == ()
    assert links(app) == []


def test_what_cannot_be_saved_says_why(visit: Visit, application: SimpleNamespace) -> None:
    app = save(save(visit(), "Board"), "board")
    assert ["There is a view" in error.value for error in app.sidebar.error] == [True]
    app = save(app, "   ")
    assert ["name of 1 to 60" in error.value for error in app.sidebar.error] == [True]
    assert len(application.views.all()) == 1
