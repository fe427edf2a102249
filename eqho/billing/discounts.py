"""Discounts in all three shapes, wherever an object carries them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from eqho.billing import wire
from eqho.billing.catalogue import Coupons
from eqho.billing.objects import Discount
from eqho.billing.reading import Reader
from eqho.periods import add_months

_NONE: Mapping[str, Discount] = {}


class Discounts:
    """Reads discounts, and knows by id every one that was included anywhere."""

    def __init__(self, coupons: Coupons, reader: Reader) -> None:
        self._coupons = coupons
        self._reader = reader
        self._by_id: dict[str, Discount] = {}
        self._names: dict[tuple[str, int | None, str | None], str] = {}
        """By coupon, start and item of a subscription: the first under which such a discount is known."""
        self._read: dict[tuple[str, int, int | None], Discount | None] = {}

    def read(self, raw: wire.Discount) -> Discount | None:
        """None, and reported, where the coupon is not known."""
        named = raw.coupon or (raw.source.coupon if raw.source else None)
        key = (
            raw.id or f"{named.id if isinstance(named, wire.Coupon) else named}@{raw.start}",
            raw.start,
            raw.end,
        )
        if key in self._read:
            return self._read[key]
        coupon = self._coupons.resolve(named)
        discount = None
        if coupon is None:
            self._missing(named, raw.id)
        else:
            name = raw.id or self._name_of(coupon.id, raw)
            discount = Discount(name, coupon, raw.start, raw.end)
            if name not in self._by_id:
                self._by_id[name] = discount
                self._names.setdefault((coupon.id, raw.start, raw.subscription_item), name)
        self._read[key] = discount
        return discount

    def _name_of(self, coupon: str, raw: wire.Discount) -> str:
        """Of one that comes without an id: that under which the same discount is known, or one of its own."""
        return self._names.get((coupon, raw.start, raw.subscription_item), f"{coupon}@{raw.start}")

    def of(
        self, several: list[str | wire.Discount] | None, single: wire.Discount | None = None
    ) -> tuple[Discount, ...]:
        """An object's own discounts: `discounts`, and the older single `discount` beside or instead of it."""
        found: dict[str, Discount] = {}
        if single and (discount := self.read(single)):
            found[discount.id] = discount
        for entry in several or ():
            if isinstance(entry, wire.Discount):
                discount = self.read(entry)
            elif not (discount := self.named(entry)):
                self._reader.leave_out(
                    "unknown_discount",
                    "A discount is named but not included, so its coupon is not known: it is left out; "
                    "expand the discounts of subscriptions.",
                    entry,
                )
            if discount:
                found[discount.id] = discount
        return tuple(found.values())

    def named(self, discount_id: str) -> Discount | None:
        return self._by_id.get(discount_id)

    def included(
        self, several: list[str | wire.Discount] | None, single: wire.Discount | None = None
    ) -> Mapping[str, Discount]:
        """By id, those that the object includes whole."""
        if not several and single is None:
            return _NONE
        raws = [entry for entry in several or () if isinstance(entry, wire.Discount)]
        if single:
            raws.append(single)
        return {discount.id: discount for raw in raws if (discount := self.read(raw))} if raws else _NONE

    def planned(
        self, several: Iterable[wire.PhaseDiscount], single: str | wire.Coupon | None, start: int
    ) -> tuple[Discount, ...]:
        """Discounts that a schedule's phase applies from `start` on."""
        found: list[Discount] = []
        for entry in several:
            if isinstance(entry.discount, str):
                found.extend(self.of([entry.discount]))
            elif entry.discount:
                found.extend(self.of(None, entry.discount))
            elif entry.coupon:
                found.extend(self._from_coupon(entry.coupon, start))
        if single and not found:
            found.extend(self._from_coupon(single, start))
        return tuple(found)

    def _from_coupon(self, named: str | wire.Coupon, start: int) -> list[Discount]:
        coupon = self._coupons.resolve(named)
        if coupon is None:
            self._missing(named, "")
            return []
        months = self._coupons.months(named) if coupon.duration == "repeating" else None
        return [Discount(coupon.id, coupon, start, None if months is None else _months_after(start, months))]

    def _missing(self, named: str | wire.Coupon | None, discount: str) -> None:
        self._reader.leave_out(
            "missing_coupon",
            "A discount's coupon is neither listed nor included (deleted at Stripe, or not readable): "
            "the discount is left out.",
            named.id if isinstance(named, wire.Coupon) else named or discount,
        )


def _months_after(instant: int, months: int) -> int:
    """The same day and time of a later month, or that month's last day."""
    at = datetime.fromtimestamp(instant, UTC)
    first = add_months(at.date().replace(day=1), months)
    last = add_months(first, 1) - timedelta(days=1)
    return int(at.replace(year=first.year, month=first.month, day=min(at.day, last.day)).timestamp())
