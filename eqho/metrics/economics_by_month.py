"""Unit economics of every month: each as the metrics document has it at that month's end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from eqho.metrics import unit_economics as economics
from eqho.metrics.entered import Spend
from eqho.metrics.movements import Movement, movements
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.retention import ratio
from eqho.metrics.rows import EconomicsRow, MonthAlone, SpendShare
from eqho.periods import Period, add_months, day_of, period_of
from eqho.products import ALL

SPEND_MONTHS, CHURN_MONTHS = 3, 6


class MonthsCac(NamedTuple):
    """`no_spend` and `no_cac` say why there is none."""

    spend: economics.SpendOf | None
    cac: Fraction | None
    no_spend: str = ""
    no_cac: str = ""


@dataclass(frozen=True)
class MonthlyEconomics:
    """`months` are consecutive, oldest first, and begin long enough before those that are asked for."""

    scene: Scene
    months: Sequence[Movement]

    @classmethod
    def before(cls, scene: Scene, first: Period) -> "MonthlyEconomics":
        """With every month that a number of `first` or later is made of."""
        start = add_months(first.first.replace(day=1), -CHURN_MONTHS)
        spanned = [period_of(start, "month", scene.zone)]
        while spanned[-1].last < scene.running.first:
            spanned.append(period_of(add_months(spanned[-1].first, 1), "month", scene.zone))
        return cls(scene, movements(scene.book, spanned, scene.at))

    def at(self, instant: int, mrr: int, customers: int) -> economics.Unit:
        """At an instant with its balance: MRR units and paying customers."""
        scene = self.scene
        closed = [row for row in self.months if row.period.end - 1 <= instant][-CHURN_MONTHS:]
        month = next(row.period for row in reversed(self.months) if row.period.start <= instant)
        recent = closed[-SPEND_MONTHS:]
        labels = [row.period.label for row in recent]
        spend = self.spend(labels)
        return economics.unit(
            spend,
            economics.new_customers(recent),
            Fraction(mrr, customers * scene.units_per_major) if customers else None,
            economics.gross_margin_of(scene.inputs.margins, scene.product, month.label),
            economics.churn_of(closed),
            scene.policy.months_at_zero_churn,
            economics.NO_RATE if spend is None and self.apart(labels) else economics.NO_SPEND,
        )

    def apart(self, labels: Sequence[str]) -> dict[str, Fraction]:
        """Currency → spend of the months for which there is no rate."""
        scene = self.scene
        return economics.spend_apart(scene.inputs.spend, labels, self._worth, scene.product)

    def _worth(self, row: Spend) -> Fraction | None:
        """At the rate of the month's last day, of the running month's at that of today."""
        month = add_months(date.fromisoformat(f"{row.month}-01"), 1) - timedelta(days=1)
        rate = self.scene.exchange.rate(row.currency, min(month, day_of(self.scene.at, self.scene.zone)))
        return None if rate is None else Fraction(row.amount) * rate

    def spend(self, labels: Sequence[str]) -> economics.SpendOf | None:
        scene = self.scene
        return economics.spend_of(
            scene.inputs.spend, labels, self._worth, scene.product, lambda: self._share(labels)
        )

    def _share(self, labels: Sequence[str]) -> Fraction:
        """Of the months' shared spend: the new customers of the line of those of all lines."""
        if self.scene.product == ALL:
            return Fraction(1)
        mine, everyone = (sum(self._new[label][i] for label in labels) for i in (0, 1))
        return Fraction(mine, everyone) if everyone else Fraction(0)

    @cached_property
    def _new(self) -> dict[str, tuple[int, int]]:
        """Month → new customers of this line, and of every line."""
        spanned = [row.period for row in self.months]
        everyone = dict.fromkeys((period.label for period in spanned), 0)
        for line in self.scene.lines.keys:
            for row in movements(self.scene.book_of(line), spanned, self.scene.at):
                everyone[row.period.label] += row.counts["new"]
        return {row.period.label: (row.counts["new"], everyone[row.period.label]) for row in self.months}

    def cac_of_month(self, row: Movement) -> MonthsCac:
        """Of one month by itself: what its cohort cost."""
        labels = [row.period.label]
        spend, new = self.spend(labels), row.counts["new"]
        if spend is None:
            reason = economics.NO_RATE if self.apart(labels) else economics.NO_SPEND_OF_MONTH
            return MonthsCac(None, None, reason, reason)
        if not new:
            return MonthsCac(spend, None, no_cac=economics.NO_NEW_IN_MONTH)
        return MonthsCac(spend, spend.total / new)


def of_scene(scene: Scene) -> economics.Unit:
    """At the scene's instant."""
    return _recent(scene).at(scene.at, scene.mrr, scene.customers)


def spend_apart(scene: Scene) -> dict[str, Fraction]:
    """The spend of the 3 closed months before that is apart for want of a rate, by currency."""
    return _recent(scene).apart([row.period.label for row in scene.closed[-SPEND_MONTHS:]])


def _recent(scene: Scene) -> MonthlyEconomics:
    return MonthlyEconomics(scene, [*scene.closed, *([scene.month] if scene.month.open else [])])


def values(scene: Scene, unit: economics.Unit) -> dict[str, float | None]:
    """By the metrics' slugs."""
    return {
        "cac": scene.rounded(unit.cac),
        "ltv": scene.rounded(unit.ltv),
        "ltv_cac": plain(unit.ltv_cac),
        "payback_months": plain(unit.payback_months),
        "monthly_churn": plain(unit.monthly_churn),
    }


def by_category(scene: Scene, spend: economics.SpendOf | None) -> list[SpendShare]:
    if spend is None:
        return []
    return [
        SpendShare(category, scene.rounded(amount), ratio(float(amount), float(spend.total)))
        for category, amount in sorted(spend.by_category.items())
    ]


def unit_economics_rows(scene: Scene, spanned: Sequence[Period], undefined: Undefined) -> list[EconomicsRow]:
    """Rows of consecutive months; see the API's `unit-economics`. `month` is the month by itself."""
    if not spanned:
        return []
    book = MonthlyEconomics.before(scene, spanned[0])
    asked = {period.label for period in spanned}
    return list(_rows(scene, book, [row for row in book.months if row.period.label in asked], undefined))


def _rows(
    scene: Scene, book: MonthlyEconomics, asked: Sequence[Movement], undefined: Undefined
) -> Iterable[EconomicsRow]:
    for i, row in enumerate(asked):
        unit = book.at(row.period.sample(scene.at), row.end, row.customers_end)
        alone = book.cac_of_month(row)

        def told(name: str, value: float | None, i: int = i, unit: economics.Unit = unit) -> float | None:
            return undefined.unless(f"rows.{i}.{name}", value, unit.missing[name])

        yield EconomicsRow(
            period=row.period.label,
            spend=told("spend", scene.rounded(unit.spend.total if unit.spend else None)),
            new_customers=unit.new_customers,
            by_category=by_category(scene, unit.spend),
            arpa=told("arpa", scene.rounded(unit.arpa)),
            gross_margin=told("gross_margin", plain(unit.gross_margin)),
            **{name: told(name, value) for name, value in values(scene, unit).items()},
            month=MonthAlone(
                spend=undefined.unless(
                    f"rows.{i}.month.spend",
                    scene.rounded(alone.spend.total if alone.spend else None),
                    alone.no_spend,
                ),
                new_customers=row.counts["new"],
                cac=undefined.unless(f"rows.{i}.month.cac", scene.rounded(alone.cac), alone.no_cac),
                by_category=by_category(scene, alone.spend),
            ),
            open=row.open,
        )


def plain(number: Fraction | None) -> float | None:
    return None if number is None else float(number)
