"""What the workbook tells of the company, out of the views that the pages read."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from eqho.metrics.definitions import METRICS
from eqho.products import ALL, ProductLines
from eqho.tiers import Served
from eqho.ui import format as fmt
from eqho.ui.vocabulary import DIRECTIONS, METRIC_GROUPS, POLICIES, STATUSES
from eqho.ui.workbook import columns
from eqho.ui.workbook.sheets import Field, Sheet, to_xlsx

Row = Mapping[str, Any]
_TRIES = 3
"""Readings until all sheets are of one build; a build lasts for minutes, a reading for a second."""


class Views(Protocol):
    """The look-up of the tiers."""

    def view(
        self, name: str, product: str, as_of: str | None = None, policy: str | None = None, **arguments: str
    ) -> Served[dict[str, Any]]: ...


class Asked(NamedTuple):
    """`policy` "eqho" or "stripe", `as_of` an ISO day whose end is meant, None for now."""

    policy: str
    as_of: str | None


def workbook(views: Views, products: ProductLines, asked: Asked) -> bytes:
    """Every sheet of one build. Raises NoBuild, BadArgument, StoreError."""
    for _ in range(_TRIES):
        reading = _Reading(views, products, asked)
        sheets = reading.sheets()
        if len(reading.builds) == 1:
            break
    zone = ZoneInfo(reading.document["timezone"])
    return to_xlsx(sheets, zone, datetime.now(UTC))


class _Reading:
    def __init__(self, views: Views, products: ProductLines, asked: Asked) -> None:
        self._views, self._products, self._asked = views, products, asked
        self.builds: set[int] = set()
        self._undefined: list[Row] = []
        self._waiting: dict[str, str] = {}
        served = self._served("metrics", ALL)
        self.document: Mapping[str, Any] = served.value
        self._source = served.provenance.source
        self._currency = str(self.document["currency"])

    def sheets(self) -> list[Sheet]:
        """Reads everything; those of what is not defined come last, when all are read."""
        version = f"Definitions {self.document['definition']}"
        made = [
            self._summary(),
            self._by_month("Movements", columns.MOVEMENT_MONTHS, "movements"),
            self._cohorts("Cohorts, customers", "customers"),
            self._cohorts("Cohorts, MRR", "mrr"),
            self._sheet("Customers", columns.CUSTOMERS, self._customers()),
            self._by_month("Unit economics", columns.ECONOMICS, "unit_economics"),
            self._by_month("Cash", columns.CASH, "cash"),
            self._sheet("Renewals", columns.RENEWALS, self._renewals()),
            self._sheet("Definitions", columns.DEFINITIONS, _definitions(), version),
        ]
        made.append(self._sheet("Not defined", columns.UNDEFINED, self._undefined))
        return [one._replace(basis=self._basis(one.basis)) for one in made]

    def _served(self, name: str, product: str, **arguments: str) -> Served[dict[str, Any]]:
        served = self._views.view(name, product, self._asked.as_of, self._asked.policy, **arguments)
        self.builds.add(served.provenance.build)
        return served

    def _title(self, product: str) -> str:
        return "All products" if product == ALL else self._products.line(product).name

    def _basis(self, what: str) -> str:
        zone = self.document["timezone"]
        if self._asked.as_of:
            as_of = f"the end of {self._asked.as_of} ({zone})"
        else:
            as_of = fmt.instant(fmt.seconds(self.document["as_of"]), zone)
        builds = ", ".join(str(one) for one in sorted(self.builds))
        source = "demo data" if self._source == "demo" else self._source.capitalize()
        said = [what] if what else []
        said += [f"As of {as_of}", self._currency.upper(), f"{POLICIES[self.document['policy']]} policy"]
        return " · ".join([*said, source, f"build {builds}"])

    def _sheet(self, title: str, fields: tuple[Field, ...], rows: list[Row], what: str = "") -> Sheet:
        waiting = self._waiting.get(title)
        empty = fmt.sentence(waiting) if waiting else "There is none."
        return Sheet(title, what, self._currency, fields, rows, empty)

    def _summary(self) -> Sheet:
        """A row for each metric, a column for each product; what is not defined is empty and says why."""
        keys = (ALL, *self._products.keys)
        documents = {key: self._served("metrics", key).value for key in keys}
        rows: list[Row] = []
        for metric in METRICS.values():
            group, _, name = metric.path.partition(".")
            cells: dict[str, Any] = {key: documents[key][group].get(name) for key in keys}
            rows.append(cells | {"metric": metric.title, "group": METRIC_GROUPS[group], "unit": metric.unit})
        for key in keys:
            self._explain("Summary", key, documents[key].get("undefined", {}), lambda path: (None, path))
        fields = (
            Field("metric", "Metric", width=32),
            Field("group", "Group", width=20),
            *(Field(key, self._title(key), "", 18) for key in keys),
            Field("unit", "Unit"),
        )
        return self._sheet("Summary", fields, rows)

    def _by_month(self, title: str, fields: tuple[Field, ...], view: str) -> Sheet:
        """The months of a view, of all products together and of each line."""
        rows: list[Row] = []
        for key in (ALL, *self._products.keys):
            found = self._served(view, key, interval="month").value
            self._told(title, key, found, "rows")
            rows += [{"product": self._title(key)} | row for row in found["rows"]]
        return self._sheet(title, fields, rows)

    def _cohorts(self, title: str, measure: str) -> Sheet:
        found = self._served("cohorts", ALL, measure=measure).value
        self._told(title, ALL, found, "cohorts")
        cohorts = found["cohorts"]
        longest = max((len(one["values"]) for one in cohorts), default=0)
        rows: list[Row] = [
            {"cohort": one["cohort"], "size": one["size"]}
            | {f"month {n}": value for n, value in enumerate(one["values"])}
            for one in cohorts
        ]
        fields = (
            Field("cohort", "Cohort", "month"),
            Field("size", "Customers at first", "count"),
            *(
                Field(f"month {n}", f"Month {n}", "money" if measure == "mrr" else "count")
                for n in range(longest)
            ),
        )
        return self._sheet(title, fields, rows)

    def _customers(self) -> list[Row]:
        found = self._served("customers", ALL).value
        self._told("Customers", ALL, found, "rows")
        return [
            row
            | {
                "status": STATUSES.get(row["status"], row["status"]),
                "lines": [self._title(line) for line in row["lines"]],
            }
            for row in found["rows"]
        ]

    def _renewals(self) -> list[Row]:
        found = self._served("cash", ALL, interval="month").value
        self._told("Renewals", ALL, found, "renewals")
        return [row | {"product": self._title(row["product"])} for row in found["renewals"]]

    def _told(self, sheet: str, product: str, found: Mapping[str, Any], rows: str) -> None:
        """What a view leaves open: a list that waits for the past, or numbers of its rows."""
        undefined: Mapping[str, str] = found.get("undefined") or {}
        if rows in undefined:
            self._waiting[sheet] = undefined[rows]
        mine = {path: why for path, why in undefined.items() if path.startswith(rows)}

        def place(path: str) -> tuple[str | None, str]:
            _, _, rest = path.partition(".")
            number, _, field = rest.partition(".")
            if not number.isdecimal():
                return None, path
            return found[rows][int(number)].get("period"), field

        self._explain(sheet, product, mine, place)

    def _explain(
        self,
        sheet: str,
        product: str,
        undefined: Mapping[str, str],
        place: Callable[[str], tuple[str | None, str]],
    ) -> None:
        for path, why in undefined.items():
            period, field = place(path)
            row = {"sheet": sheet, "product": self._title(product), "period": period, "field": field}
            self._undefined.append(row | {"reason": fmt.sentence(why)})


def _definitions() -> list[Row]:
    return [
        {
            "title": one.title,
            "group": METRIC_GROUPS[one.path.partition(".")[0]],
            "formula": one.formula,
            "note": one.note,
            "good": DIRECTIONS[one.good],
            "unit": one.unit,
            "path": one.path,
        }
        for one in METRICS.values()
    ]
