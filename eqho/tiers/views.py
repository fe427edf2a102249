"""The views of a build: what pages, the API and messages ask for, each with its arguments and its answer."""

from dataclasses import dataclass
from datetime import date

from eqho.errors import BadArgument
from eqho.metrics import rows
from eqho.metrics.bridge import bridge_rows
from eqho.metrics.cash import ages, apart, cash_rows, failed_payments, renewals
from eqho.metrics.cohorts import Measure, cohort_rows
from eqho.metrics.customer_rows import AllCustomers, CustomerHistory
from eqho.metrics.customer_timeline import customer_history
from eqho.metrics.customers import customer_rows, name_of
from eqho.metrics.document import snapshot
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.economics_by_month import unit_economics_rows
from eqho.metrics.explain import explain
from eqho.metrics.explain_rows import Explanation
from eqho.metrics.forecast import forecast
from eqho.metrics.forecast_rows import Forecast as ForecastAnswer
from eqho.metrics.goals import Goals as GoalsAnswer
from eqho.metrics.goals import goals
from eqho.metrics.history_rows import History as HistoryAnswer
from eqho.metrics.made_of import MadeOf, parts
from eqho.metrics.movements import KINDS, Kind, Movement, came_and_went, customer_changes, movements
from eqho.metrics.payback import payback_rows
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.recent_changes import change_row, window_since
from eqho.metrics.series import points
from eqho.periods import PeriodLength, day_of
from eqho.tiers.arguments import known_series, named_period, spanned
from eqho.tiers.question import View

_MOST_MONTHS_AHEAD = 36


@dataclass(frozen=True)
class Metrics(View[MetricsDocument]):
    name, answers = "metrics", MetricsDocument

    def answer(self, scene: Scene) -> MetricsDocument:
        return snapshot(scene)


@dataclass(frozen=True)
class Parts(View[MadeOf]):
    """What the numbers of the metrics document are made of, where it does not hold that itself."""

    name, answers = "parts", MadeOf

    def answer(self, scene: Scene) -> MadeOf:
        return MadeOf(parts(scene))


@dataclass(frozen=True)
class History(View[HistoryAnswer]):
    """As the ledger says today."""

    name, answers = "history", HistoryAnswer
    metrics: tuple[str, ...] = ("mrr", "customers")
    start: date | None = None
    end: date | None = None
    interval: PeriodLength = "month"

    def answer(self, scene: Scene) -> HistoryAnswer:
        shown = spanned(scene, self.start, self.end, self.interval)
        return HistoryAnswer(points(scene, known_series(self.metrics), shown))


@dataclass(frozen=True)
class Movements(View[rows.Movements]):
    name, answers = "movements", rows.Movements
    start: date | None = None
    end: date | None = None
    interval: PeriodLength = "month"

    def answer(self, scene: Scene) -> rows.Movements:
        shown = spanned(scene, self.start, self.end, self.interval)
        found = movements(scene.book, shown, scene.at) if shown else []
        return rows.Movements([_movement_row(scene, row) for row in found])


def _movement_row(scene: Scene, row: Movement) -> rows.MovementRow:
    return rows.MovementRow(
        period=row.period.label,
        start=scene.money(row.start),
        **{kind: scene.money(row.amounts[kind]) for kind in KINDS},
        fx=scene.money(row.fx),
        end=scene.money(row.end),
        customers=rows.MovementCustomers(start=row.customers_start, **row.counts, end=row.customers_end),
        open=row.open,
    )


@dataclass(frozen=True)
class MovementCustomers(View[rows.Changed]):
    """The customers behind one period's movements."""

    name, answers = "movement_customers", rows.Changed
    period: str
    kind: Kind | None = None

    @property
    def of_period(self) -> str:
        return self.period

    def answer(self, scene: Scene) -> rows.Changed:
        period = named_period(scene, self.period)
        changes = customer_changes(scene.book, period, min(scene.at, period.end - 1))
        mine = (change for change in changes if self.kind in (None, change.kind))
        return rows.Changed([change_row(scene, change) for change in mine])


@dataclass(frozen=True)
class CameAndWent(View[rows.CameAndWent]):
    name, answers = "came_and_went", rows.CameAndWent
    period: str

    @property
    def of_period(self) -> str:
        return self.period

    def answer(self, scene: Scene) -> rows.CameAndWent:
        period = named_period(scene, self.period)
        found = came_and_went(scene.book, period, min(scene.at, period.end - 1))
        return rows.CameAndWent([rows.NamedCustomer(one, name_of(scene.ledger, one)) for one in found])


@dataclass(frozen=True)
class Customers(View[AllCustomers]):
    name, answers = "customers", AllCustomers

    def answer(self, scene: Scene) -> AllCustomers:
        found = customer_rows(scene)
        return AllCustomers(len(found), found)


@dataclass(frozen=True)
class Customer(View[CustomerHistory]):
    """`customer` is the Stripe id."""

    name, answers = "customer", CustomerHistory
    customer: str

    def answer(self, scene: Scene) -> CustomerHistory:
        if (found := customer_history(scene, self.customer)) is None:
            raise BadArgument(f"There is no customer “{self.customer[:40]}” of {scene.product}.")
        return found


@dataclass(frozen=True)
class Cohorts(View[rows.CohortTable]):
    name, answers = "cohorts", rows.CohortTable
    measure: Measure = "customers"

    def answer(self, scene: Scene) -> rows.CohortTable:
        return rows.CohortTable(cohort_rows(scene, self.measure))


@dataclass(frozen=True)
class Bridge(View[rows.Bridge]):
    name, answers = "bridge", rows.Bridge

    def answer(self, scene: Scene) -> rows.Bridge:
        return rows.Bridge(bridge_rows(scene))


@dataclass(frozen=True)
class Cash(View[rows.Cash]):
    name, answers = "cash", rows.Cash
    start: date | None = None
    end: date | None = None
    interval: PeriodLength = "month"

    def answer(self, scene: Scene) -> rows.Cash:
        undefined = Undefined()
        shown = spanned(scene, self.start, self.end, self.interval)
        return rows.Cash(
            cash_rows(scene, shown, undefined),
            apart(scene, shown),
            ages(scene),
            renewals(scene, undefined),
            undefined,
        )


@dataclass(frozen=True)
class FailedPayments(View[rows.FailedPayments]):
    """Of the last days."""

    name, answers = "failed_payments", rows.FailedPayments
    days: int = 7

    def answer(self, scene: Scene) -> rows.FailedPayments:
        return rows.FailedPayments(failed_payments(scene, window_since(scene, self.days).start))


@dataclass(frozen=True)
class UnitEconomics(View[rows.UnitEconomics]):
    """By month, as spend is entered."""

    name, answers = "unit_economics", rows.UnitEconomics
    start: date | None = None
    end: date | None = None

    def answer(self, scene: Scene) -> rows.UnitEconomics:
        undefined = Undefined()
        shown = spanned(scene, self.start, self.end, "month")
        months = unit_economics_rows(scene, shown, undefined)
        return rows.UnitEconomics(months, payback_rows(scene, undefined), undefined)


@dataclass(frozen=True)
class Explain(View[Explanation]):
    """From the end of one day to the end of a later one."""

    name, answers = "explain", Explanation
    start: date
    end: date

    def answer(self, scene: Scene) -> Explanation:
        if self.start >= self.end:
            raise BadArgument(f"from ({self.start}) does not lie before to ({self.end}).")
        if self.end > (today := day_of(scene.at, scene.zone)):
            raise BadArgument(f"to ({self.end}) lies after the day the numbers stand for ({today}).")
        return explain(scene, self.start, self.end)


@dataclass(frozen=True)
class Forecast(View[ForecastAnswer]):
    name, answers = "forecast", ForecastAnswer
    months: int = 12

    def answer(self, scene: Scene) -> ForecastAnswer:
        if not 1 <= self.months <= _MOST_MONTHS_AHEAD:
            raise BadArgument(
                f"months is a whole number from 1 to {_MOST_MONTHS_AHEAD}, not “{self.months}”."
            )
        return forecast(scene, self.months)


@dataclass(frozen=True)
class Goals(View[GoalsAnswer]):
    name, answers = "goals", GoalsAnswer

    def answer(self, scene: Scene) -> GoalsAnswer:
        return GoalsAnswer(goals(scene))
