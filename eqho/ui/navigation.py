"""The pages of the dashboard: file, title, place in the navigation, the product their Refresh means."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

PAGES = Path(__file__).resolve().parents[2] / "pages"


class Place(NamedTuple):
    file: str
    title: str
    icon: str
    section: str
    product: str
    has_more_than_numbers: bool = False
    shows_the_sync: bool = False

    @property
    def path(self) -> Path:
        return PAGES / self.file

    @property
    def address(self) -> str:
        """The path in the URL; the first page is at the root."""
        return "" if self is PLACES[0] else Path(self.file).stem


PLACES = (
    Place("overview.py", "Overview", ":material/dashboard:", "", "all-products"),
    Place("towpilot.py", "TowPilot", ":material/local_shipping:", "Products", "towpilot"),
    Place("all_products.py", "All products", ":material/stacked_bar_chart:", "Products", "all-products"),
    Place("trends.py", "Trends", ":material/show_chart:", "Explore", "all-products"),
    Place("movements.py", "Movements", ":material/waterfall_chart:", "Explore", "all-products"),
    Place("explain.py", "Explain a change", ":material/manage_search:", "Explore", "all-products"),
    Place("cohorts.py", "Cohorts", ":material/grid_on:", "Explore", "all-products"),
    Place("customers.py", "Customers", ":material/groups:", "Explore", "all-products"),
    Place("unit_economics.py", "Unit economics", ":material/price_change:", "Money", "all-products"),
    Place("forecast.py", "Forecast & goals", ":material/flag:", "Money", "all-products"),
    Place("cash.py", "Cash", ":material/payments:", "Money", "all-products"),
    Place("compare.py", "Compare", ":material/difference:", "System", "all-products"),
    Place("alerts.py", "Alerts", ":material/notifications:", "System", "all-products", True),
    Place("definitions.py", "Definitions", ":material/menu_book:", "System", "all-products", True),
    Place("data.py", "Data & cache", ":material/database:", "System", "all-products", True, True),
)


def unknown_address(url: str | None, base: str) -> str | None:
    """The path of a URL that leads to no page, None where it leads to one; `base` is `server.baseUrlPath`."""
    path = urlsplit(url or "").path.strip("/").removeprefix(base.strip("/")).strip("/")
    return None if path in {place.address for place in PLACES} else path


def unknown_page_sentence(address: str) -> str:
    known = ", ".join(f"/{place.address} ({place.title})" for place in PLACES)
    return f"There is no page /{address}; this is the overview. The pages are {known}."
