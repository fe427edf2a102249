"""Which accounts of a profit and loss are sales and marketing, and as which category: remembered from one
import to the next."""

from collections.abc import Mapping

import msgspec

from eqho.errors import WrittenMeanwhile
from eqho.store.base import Store

_KIND = "account-categories"
_TRIES = 5
MOST = 5_000
"""Accounts; the ones remembered longest ago give way."""


class AccountCategories:
    """One mapping for each `origin`, which says whose books they are. Accounts are known by their full name
    (with the headings above), whatever its case. Every method raises StoreError."""

    def __init__(self, store: Store, origin: str) -> None:
        self._store, self._origin = store, origin

    def known(self) -> dict[str, str]:
        """Case-folded account → category, "" where it is none of sales and marketing."""
        return self._read()[1]

    def remember(self, chosen: Mapping[str, str]) -> None:
        """Account → category, "" for none; what else is known stays. Raises WrittenMeanwhile."""
        mine = {account.casefold(): category for account, category in chosen.items()}
        for _ in range(_TRIES):
            number, before = self._read()
            others = {account: category for account, category in before.items() if account not in mine}
            kept = dict([*others.items(), *mine.items()][-MOST:])
            if kept == before and list(kept) == list(before):
                return
            # As pairs: the name of an account may hold what a field's name may not.
            body = {"accounts": [list(pair) for pair in kept.items()]}
            if self._store.put_record(_KIND, self._origin, body, number):
                return
        raise WrittenMeanwhile("Others are importing at this moment: try it again.")

    def _read(self) -> tuple[int, dict[str, str]]:
        record = self._store.record(_KIND, self._origin)
        if record is None:
            return 0, {}
        return record.number, dict(msgspec.convert(record.body["accounts"], list[tuple[str, str]]))
