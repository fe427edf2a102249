"""The workbook opened again: the numbers of the API for the demo company, as numbers and dates."""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from eqho.api.app import create_api
from eqho.metrics.definitions import METRICS
from eqho.sources.demo import DemoSource
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.ui.workbook import Asked, workbook
from eqho.ui.workbook.sheets import HEADER_ROW, Field, Sheet, to_xlsx
from tests.services.plain_account import NOW
from tests.tiers.rig import LINES, replica

NAMES = [
    "Summary", "Movements", "Cohorts, customers", "Cohorts, MRR", "Customers", "Unit economics", "Cash",
    "Renewals", "Definitions", "Not defined",
]  # fmt: skip
Get = Callable[..., Any]
SOFFICE = shutil.which("soffice")


@pytest.fixture(scope="module")
def tiers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiers]:
    store = EmbeddedStore(tmp_path_factory.mktemp("workbook") / "eqho.db")
    found = replica(store, DemoSource(lambda: NOW))  # type: ignore[arg-type]
    found.refresh(wait=True)
    yield found
    store.close()


@pytest.fixture(scope="module")
def get(tiers: Tiers) -> Get:
    client = TestClient(create_api(tiers, LINES, None), "http://127.0.0.1:8501", client=("127.0.0.1", 50_000))

    def fetch(path: str, **query: Any) -> Any:
        answer = client.get(f"/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return fetch


@pytest.fixture(scope="module", params=["eqho", "stripe"])
def policy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def book(tiers: Tiers, policy: str) -> openpyxl.Workbook:
    return opened(workbook(tiers, LINES, Asked(policy, None)))


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    titles = [cell.value for cell in sheet[HEADER_ROW]]
    return [
        dict(zip(titles, values, strict=True))
        for values in sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True)
    ]


def stored(numbers: list[float | None]) -> list[float | None]:
    """As a workbook keeps them, with 16 digits: amounts are exact, a quotient may lose its 17th."""
    return [None if one is None else float(f"{one:.16g}") for one in numbers]


def of_all(sheet: Worksheet) -> list[dict[str, Any]]:
    return [row for row in rows(sheet) if row["Product"] == "All products"]


def month(value: datetime) -> str:
    return f"{value:%Y-%m}"


def test_every_sheet_says_what_its_numbers_are_of_and_keeps_its_header(
    book: openpyxl.Workbook, policy: str
) -> None:
    assert book.sheetnames == NAMES
    named = {"eqho": "Eqho policy", "stripe": "Stripe parity policy"}[policy]
    for sheet in book.worksheets:
        basis = sheet["A2"].value
        assert all(part in basis for part in ("As of 2026-11-22 12:00 UTC", "USD", named, "build 1")), basis
        assert sheet.freeze_panes == f"B{HEADER_ROW + 1}"
        assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.data_type in "fe"] == []


def test_the_summary_is_every_metric_of_every_product(book: openpyxl.Workbook, get: Get, policy: str) -> None:
    found = rows(book["Summary"])
    titles = {"All products": "all-products"} | {LINES.line(key).name: key for key in LINES.keys}
    for title, key in titles.items():
        document = get(f"metrics/{key}", policy=policy)
        expected = []
        for metric in METRICS.values():
            group, _, name = metric.path.partition(".")
            expected.append(document[group][name])
        assert [row[title] for row in found] == stored(expected)
    mrr = next(cells for cells in book["Summary"].iter_rows() if cells[0].value == "MRR")
    assert mrr[2].number_format == "#,##0.00"
    assert isinstance(mrr[2].value, float | int)
    assert mrr[2].value > 10_000


def test_movements_are_those_of_the_api(book: openpyxl.Workbook, get: Get, policy: str) -> None:
    expected = get("movements/all-products", interval="month", policy=policy)["rows"]
    assert len(expected) > 30
    found = of_all(book["Movements"])
    for field, title in (
        ("start", "Start"),
        ("new", "New"),
        ("churn", "Churn"),
        ("fx", "FX"),
        ("end", "End"),
    ):
        assert [row[f"{title} (USD)"] for row in found] == [row[field] for row in expected]
    assert [month(row["Month"]) for row in found] == [row["period"] for row in expected]
    assert [row["Churn customers"] for row in found] == [row["customers"]["churn"] for row in expected]
    assert [row["Still open"] == "yes" for row in found] == [row["open"] for row in expected]
    assert {row["Product"] for row in rows(book["Movements"])} >= {"All products", "TowPilot"}


@pytest.mark.parametrize(("sheet", "measure"), [("Cohorts, customers", "customers"), ("Cohorts, MRR", "mrr")])
def test_cohorts_are_those_of_the_api(
    book: openpyxl.Workbook, get: Get, policy: str, sheet: str, measure: str
) -> None:
    expected = get("cohorts/all-products", measure=measure, policy=policy)["cohorts"]
    found = rows(book[sheet])
    assert [month(row["Cohort"]) for row in found] == [one["cohort"] for one in expected]
    for row, one in zip(found, expected, strict=True):
        cells = [value for title, value in row.items() if title.startswith("Month ")]
        assert cells == one["values"] + [None] * (len(cells) - len(one["values"]))


def test_customers_are_those_of_the_api(book: openpyxl.Workbook, get: Get, policy: str) -> None:
    expected = get("customers/all-products", limit=1_000, policy=policy)
    found = rows(book["Customers"])
    assert len(found) == expected["total"] > 100
    assert [row["Stripe id"] for row in found] == [one["customer"] for one in expected["rows"]]
    assert [row["MRR (USD)"] for row in found] == [one["mrr"] for one in expected["rows"]]
    assert [row["Since"] and f"{row['Since']:%Y-%m-%d}" for row in found] == [
        one["since"] and one["since"][:10] for one in expected["rows"]
    ]


def test_unit_economics_and_cash_are_those_of_the_api(book: openpyxl.Workbook, get: Get, policy: str) -> None:
    expected = get("unit-economics/all-products", policy=policy)["rows"]
    found = of_all(book["Unit economics"])
    assert [row["LTV (USD)"] for row in found] == [one["ltv"] for one in expected]
    assert [row["Monthly churn"] for row in found] == stored([one["monthly_churn"] for one in expected])
    expected = get("cash/all-products", interval="month", policy=policy)
    found = of_all(book["Cash"])
    for title, field in (
        ("Paid (USD)", "paid"),
        ("Disputed (USD)", "disputed"),
        ("Recovery rate", "recovery_rate"),
    ):
        assert [row[title] for row in found] == stored([one[field] for one in expected["rows"]])
    assert [row["Amount (USD)"] for row in rows(book["Renewals"])] == [
        one["amount"] for one in expected["renewals"]
    ]


def test_what_is_not_defined_is_empty_and_its_reason_is_listed(
    book: openpyxl.Workbook, get: Get, policy: str
) -> None:
    undefined = get("cash/all-products", interval="month", policy=policy)["undefined"]
    listed = [
        row for row in rows(book["Not defined"]) if (row["Sheet"], row["Product"]) == ("Cash", "All products")
    ]
    assert len(listed) == len([path for path in undefined if path.startswith("rows.")]) > 0
    assert all(row["Month"] and row["Why it is not defined"] for row in listed)


def test_of_a_past_day(tiers: Tiers, get: Get) -> None:
    book = opened(workbook(tiers, LINES, Asked("eqho", date(2026, 3, 31))))
    assert "As of the end of 2026-03-31 (UTC)" in book["Summary"]["A2"].value
    mrr = next(row for row in rows(book["Summary"]) if row["Metric"] == "MRR")
    assert mrr["All products"] == get("metrics/all-products", as_of="2026-03-31")["revenue_metrics"]["mrr"]
    assert month(of_all(book["Movements"])[-1]["Month"]) == "2026-03"


def test_names_are_text_whatever_they_look_like() -> None:
    names = ["=1+1", "@SUM(A1)", "+49 30", "#N/A", "a\x0bb", "-", " =cmd|' /C calc'!A0", "x" * 40_000]
    sheet = Sheet("Names", "of nobody", "jpy", (Field("name", "=Name"), Field("amount", "Owed", "money")), [
        {"name": name, "amount": 7} for name in names
    ])  # fmt: skip
    page = opened(to_xlsx([sheet], ZoneInfo("UTC"), datetime(2026, 1, 1, tzinfo=UTC)))["Names"]
    cells = [page.cell(HEADER_ROW + 1 + n, 1) for n in range(len(names))]
    assert {cell.data_type for cell in cells} == {"s"}
    shown = [cell.value for cell in cells]
    assert shown[:7] == ["'=1+1", "'@SUM(A1)", "'+49 30", "#N/A", "ab", "'-", "' =cmd|' /C calc'!A0"]
    assert len(shown[7]) == 32_767
    assert page.cell(HEADER_ROW, 1).value == "'=Name"
    assert page.cell(HEADER_ROW, 2).value == "Owed (JPY)"
    assert page.cell(HEADER_ROW + 1, 2).number_format == "#,##0"


def test_days_are_those_of_the_zone() -> None:
    sheet = Sheet("Days", "", "usd", (Field("at", "At", "day"),), [{"at": "2026-01-01T03:00:00Z"}])
    file = to_xlsx([sheet], ZoneInfo("America/New_York"), datetime(2026, 1, 1, tzinfo=UTC))
    assert opened(file)["Days"].cell(HEADER_ROW + 1, 1).value.date() == date(2025, 12, 31)


def test_the_page_offers_it(visit: Callable[..., AppTest]) -> None:
    app = visit("data.py")
    (button,) = [one for one in app.get("download_button") if one.proto.label == "Excel workbook"]
    assert button.proto.deferred_file_id


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is missing: install libreoffice-calc")
def test_libreoffice_reads_the_same_cells(tiers: Tiers, tmp_path: Path) -> None:
    written = tmp_path / "eqho.xlsx"
    written.write_bytes(workbook(tiers, LINES, Asked("eqho", None)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    told = subprocess.run(
        [SOFFICE, profile, "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "read", written],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    read = tmp_path / "read" / "eqho.xlsx"
    assert read.is_file(), told.stderr
    before, after = cells_of(written.read_bytes()), cells_of(read.read_bytes())
    assert after.keys() == before.keys()
    assert [where for where in before if not same(before[where], after[where])] == []


def cells_of(content: bytes) -> dict[tuple[str, str], Any]:
    """Whatever is written in a cell, by sheet and place."""
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in opened(content)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def same(before: Any, after: Any) -> bool:
    """LibreOffice keeps 15 digits of a number."""
    if isinstance(before, float):
        return isinstance(after, int | float) and after == pytest.approx(before, rel=1e-14)
    return type(before) is type(after) and before == after
