"""Spend of a file added up by month and category, as rows of the list of spend."""

from decimal import Decimal
from typing import Any


class Sums:
    """A category is one whatever its case, as it was first written."""

    def __init__(self) -> None:
        self._amounts: dict[tuple[str, str, str], Decimal] = {}
        self._written: dict[str, str] = {}

    def add(self, month: str, category: str, currency: str, amount: Decimal) -> None:
        key = month, self._written.setdefault(category.casefold(), category), currency.upper()
        self._amounts[key] = self._amounts.get(key, Decimal(0)) + amount

    def rows(self) -> list[dict[str, Any]]:
        """What adds up to nothing is left out."""
        return [
            {"month": month, "category": category, "amount": amount, "currency": currency}
            for (month, category, currency), amount in sorted(self._amounts.items())
            if amount
        ]
