"""What leads to no page answers 404, what people see of it stays."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from eqho.api.unknown_paths import UnknownPaths


def status(path: str, base: str = "", answer: Response | None = None) -> int:
    page = answer or HTMLResponse("the one page of Streamlit")
    app = Starlette(
        routes=[Route("/{path:path}", lambda _: page)],
        middleware=[Middleware(UnknownPaths, pages=("", "customers"), base=base)],
    )
    found = TestClient(app).get(path)
    assert found.content == page.body
    return found.status_code


@pytest.mark.parametrize("path", ["/", "/customers", "/customers/", "/customers?customer=cus_1"])
def test_pages_are_found(path: str) -> None:
    assert status(path) == 200


@pytest.mark.parametrize("path", ["/wp-login.php", "/customers/1", "/.env", "/Customers", "/static/js/x.js"])
def test_what_is_no_page_is_not_found(path: str) -> None:
    assert status(path) == 404


@pytest.mark.parametrize("path", ["/app/static/x.html", "/component/a/index.html", "/api/v1/docs"])
def test_other_html_is_left_alone(path: str) -> None:
    assert status(path) == 200


def test_under_a_base_path() -> None:
    assert [status(path, "eqho") for path in ("/eqho", "/eqho/customers", "/eqho/nothing")] == [200, 200, 404]


def test_other_answers_and_failures_stay_what_they_are() -> None:
    assert status("/x", answer=JSONResponse({})) == 200
    assert status("/x", answer=HTMLResponse("no", 403)) == 403
