"""What the workbook tells of the company, out of the views that the pages read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec

from eqho.metrics.cohorts import Measure
from eqho.metrics.definitions import METRICS
from eqho.metrics.rows import Waiting
from eqho.products import ALL, ProductLines
from eqho.tiers import Served, views
from eqho.tiers.question import A, AnyView
from eqho.ui import format as fmt
from eqho.ui.tables import cells
from eqho.ui.vocabulary import DIRECTIONS, METRIC_GROUPS, POLICIES, STATUSES
from eqho.ui.workbook import columns
from eqho.ui.workbook.sheets import Field, Sheet, to_xlsx

Row = Mapping[str, Any]
_TRIES = 3
"""Readings until all sheets are of one build; a build lasts for minutes, a reading for a second."""


class LookUp(Protocol):
    """That of the tiers."""

    def view(
        self, view: AnyView[A], product: str, as_of: date | None = None, policy: str | None = None
    ) -> Served[A]: ...


class Asked(NamedTuple):
    """`policy` "eqho" or "stripe", `as_of` a day whose end is meant, None for now."""

    policy: str
    as_of: date | None


def workbook(tiers: LookUp, products: ProductLines, asked: Asked) -> bytes:
    """Every sheet of one build. Raises NoBuild, BadArgument, StoreError."""
    for _ in range(_TRIES):
        reading = _Reading(tiers, products, asked)
        sheets = reading.sheets()
        if len(reading.builds) == 1:
            break
    zone = ZoneInfo(reading.document.timezone)
    return to_xlsx(sheets, zone, datetime.now(UTC))


class _Reading:
    def __init__(self, tiers: LookUp, products: ProductLines, asked: Asked) -> None:
        self._tiers, self._products, self._asked = tiers, products, asked
        self.builds: set[int] = set()
        self._undefined: list[Row] = []
        self._waiting: dict[str, str] = {}
        served = self._served(views.Metrics(), ALL)
        self.document = served.value
        self._source = served.provenance.source
        self._currency = self.document.currency

    def sheets(self) -> list[Sheet]:
        """Reads everything; those of what is not defined come last, when all are read."""
        version = f"Definitions {self.document.definition}"
        made = [
            self._summary(),
            self._by_month("Movements", columns.MOVEMENT_MONTHS, views.Movements()),
            self._cohorts("Cohorts, customers", "customers"),
            self._cohorts("Cohorts, MRR", "mrr"),
            self._sheet("Customers", columns.CUSTOMERS, self._customers()),
            self._by_month("Unit economics", columns.ECONOMICS, views.UnitEconomics()),
            self._by_month("Cash", columns.CASH, views.Cash()),
            self._sheet("Renewals", columns.RENEWALS, self._renewals()),
            self._sheet("Definitions", columns.DEFINITIONS, _definitions(), version),
        ]
        made.append(self._sheet("Not defined", columns.UNDEFINED, self._undefined))
        return [one._replace(basis=self._basis(one.basis)) for one in made]

    def _served(self, view: AnyView[A], product: str) -> Served[A]:
        served = self._tiers.view(view, product, self._asked.as_of, self._asked.policy)
        self.builds.add(served.provenance.build)
        return served

    def _title(self, product: str) -> str:
        return "All products" if product == ALL else self._products.line(product).name

    def _basis(self, what: str) -> str:
        zone = self.document.timezone
        if self._asked.as_of:
            as_of = f"the end of {self._asked.as_of} ({zone})"
        else:
            as_of = _instant(self.document.as_of, ZoneInfo(zone))
        builds = ", ".join(str(one) for one in sorted(self.builds))
        source = "demo data" if self._source == "demo" else self._source.capitalize()
        said = [what] if what else []
        said += [f"As of {as_of}", self._currency.upper(), f"{POLICIES[self.document.policy]} policy"]
        return " · ".join([*said, source, f"build {builds}"])

    def _sheet(self, title: str, fields: tuple[Field, ...], rows: list[Row], what: str = "") -> Sheet:
        waiting = self._waiting.get(title)
        empty = fmt.sentence(waiting) if waiting else "There is none."
        return Sheet(title, what, self._currency, fields, rows, empty)

    def _summary(self) -> Sheet:
        """A row for each metric, a column for each product; what is not defined is empty and says why."""
        keys = (ALL, *self._products.keys)
        documents = {key: self._served(views.Metrics(), key).value for key in keys}
        rows: list[Row] = []
        for metric in METRICS.values():
            group, _, name = metric.path.partition(".")
            cells: dict[str, Any] = {key: getattr(getattr(documents[key], group), name) for key in keys}
            rows.append(cells | {"metric": metric.title, "group": METRIC_GROUPS[group], "unit": metric.unit})
        for key in keys:
            self._explain("Summary", key, documents[key].undefined, lambda path: (None, path))
        fields = (
            Field("metric", "Metric", width=32),
            Field("group", "Group", width=20),
            *(Field(key, self._title(key), "", 18) for key in keys),
            Field("unit", "Unit"),
        )
        return self._sheet("Summary", fields, rows)

    def _by_month(self, title: str, fields: tuple[Field, ...], view: AnyView[Any]) -> Sheet:
        """The months of a view, of all products together and of each line."""
        rows: list[Row] = []
        for key in (ALL, *self._products.keys):
            found = self._served(view, key).value
            self._told(title, key, found.undefined, "rows", found.rows)
            rows += [{"product": self._title(key)} | msgspec.to_builtins(row) for row in found.rows]
        return self._sheet(title, fields, rows)

    def _cohorts(self, title: str, measure: Measure) -> Sheet:
        found = self._served(views.Cohorts(measure), ALL).value
        self._told(title, ALL, found.undefined, "cohorts")
        cohorts = found.cohorts
        longest = max((len(one.values) for one in cohorts), default=0)
        rows: list[Row] = [
            {"cohort": one.cohort, "size": one.size}
            | {f"month {n}": value for n, value in enumerate(one.values)}
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
        found = self._served(views.Customers(), ALL).value
        self._told("Customers", ALL, found.undefined, "rows")
        return [
            cells(row, status=STATUSES[row.status], lines=[self._title(line) for line in row.lines])
            for row in found.rows
        ]

    def _renewals(self) -> list[Row]:
        found = self._served(views.Cash(), ALL).value
        self._told("Renewals", ALL, found.undefined, "renewals")
        return [cells(row, product=self._title(row.product)) for row in found.renewals]

    def _told(
        self, sheet: str, product: str, undefined: Waiting, rows: str, months: Sequence[Any] = ()
    ) -> None:
        """What a view leaves open: a list that waits for the past, or numbers of its `months`."""
        if undefined and rows in undefined:
            self._waiting[sheet] = undefined[rows]
        mine = {path: why for path, why in (undefined or {}).items() if path.startswith(rows)}

        def place(path: str) -> tuple[str | None, str]:
            _, _, rest = path.partition(".")
            number, _, field = rest.partition(".")
            if not number.isdecimal():
                return None, path
            return (months[int(number)].period if months else None), field

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


def _instant(rfc3339: str, zone: ZoneInfo) -> str:
    """The file is the same for every reader."""
    local = datetime.fromisoformat(rfc3339).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M %Z}"


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
