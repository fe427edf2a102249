"""A profit and loss by month, as QuickBooks Online and Xero export it: accounts down, months across.

Title lines stand above; a line of months begins the table. `Total …` lines and a total column repeat what the
lines above them say: they are never counted, only compared.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec

from eqho.inputs.checks import Fault
from eqho.inputs.readers.frames import Sheet, UnreadableFile, read_sheets
from eqho.inputs.readers.months import month_in
from eqho.inputs.readers.numbers import Mark, decimal_mark, has_two_readings, number_of
from eqho.names import on_one_line

_TOTAL = re.compile(r"(?i)^(total\b|gross profit|net (operating |other )?(income|profit|loss|earnings))")
_OF = re.compile(r"(?i)^total(?: for)? +")
_OF_ACCOUNTS = re.compile(r"(?i)account|code|number|\bno\b")
_SO_FAR = ("ytd", "year to date")
_LESS = re.compile(r"(?i)^(less|plus|add):? +")
"""Xero heads “Less Operating Expenses” what “Total Operating Expenses” adds up."""


class Account(msgspec.Struct, frozen=True):
    """`amounts` by month, in the file's currency; `total` is what the file's own total column says; `within`
    are the headings whose totals it is part of, the outermost first."""

    name: str
    amounts: Mapping[str, Decimal]
    total: Decimal | None
    within: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Two accounts may have the same name under different headings."""
        return " › ".join((*self.within, self.name))

    @property
    def difference(self) -> Decimal:
        """The total column less the months."""
        return Decimal(0) if self.total is None else self.total - sum(self.amounts.values(), Decimal(0))


class Missed(msgspec.Struct, frozen=True):
    """By how much what the file says is more than what adds up to it: a `Total …` line in a month, or an
    account in its total column, where `month` is None."""

    name: str
    month: str | None
    difference: Decimal


class ProfitAndLoss(msgspec.Struct, frozen=True):
    """Lines are numbered as they stand below that of the months.

    `compared`: how many amounts of total lines and of a total column were; `untied`: those that are missed;
    `uncompared`: total lines that belong to no heading or hold no amount. `faults`: cells that are no amount.
    `unread`: columns with amounts that are no month. `other_sheets` of the workbook were not read.
    """

    months: tuple[str, ...]
    accounts: tuple[Account, ...]
    compared: int
    untied: tuple[Missed, ...]
    uncompared: tuple[str, ...]
    faults: tuple[Fault, ...]
    unread: tuple[str, ...]
    other_sheets: tuple[str, ...] = ()


class _Columns(msgspec.Struct, frozen=True):
    """Places of the line of months: those of months, of the total, of what is neither, and of the names."""

    months: Mapping[int, str]
    total: int | None
    others: Mapping[int, str]
    names: tuple[int, ...]


def read_profit_and_loss(name: str, data: bytes) -> ProfitAndLoss:
    """Raises UnreadableFile."""
    sheets = read_sheets(name, data)
    for sheet in sheets:
        headed = {place: columns for place, line in enumerate(sheet.lines) if (columns := _columns(line))}
        if headed:
            place = max(headed, key=lambda at: len(headed[at].months))
            others = tuple(other.title for other in sheets if other is not sheet)
            return _Reading(name, sheet, place, headed[place]).report(others)
    raise UnreadableFile(
        f"{name} has no line of months: export the profit and loss with months as columns (in QuickBooks "
        "“Display columns by: Months”, in Xero “Compare with: previous months”)."
    )


def _columns(line: Sequence[str]) -> _Columns | None:
    """None where the line names no months, or where a month stands where accounts are named."""
    months = {at: month for at, cell in enumerate(line) if (month := month_in(cell))}
    if not months or 0 in months:
        return None
    total = next((at for at, cell in enumerate(line) if at and cell.casefold() == "total"), None)
    # Account numbers may stand in a column of their own, and QuickBooks Desktop indents by columns.
    names = [at for at in range(min(months)) if not at or not line[at] or _OF_ACCOUNTS.search(line[at])]
    others = {
        at: cell
        for at, cell in enumerate(line)
        if cell and at not in (total, *months, *names) and cell.casefold() not in _SO_FAR
    }
    return _Columns(months, total, others, tuple(names))


class _Reading:
    """One pass over the lines below that of the months."""

    def __init__(self, name: str, sheet: Sheet, place: int, columns: _Columns) -> None:
        self._columns, self._lines = columns, sheet.lines[place + 1 :]
        header = sheet.lines[place]
        twice = [title for title, n in Counter(header[at] for at in columns.months).items() if n > 1]
        if twice:
            raise UnreadableFile(
                f"{name} has more than one column “{twice[0]}”: leave one column for each month."
            )
        told = (line[at] for line in self._lines for at in self._places())
        self._mark: Mark | None = decimal_mark(told, semicolons=sheet.semicolons)
        self._accounts: list[Account] = []
        self._opened: list[tuple[str, int, bool]] = []
        self._compared = 0
        self._untied: list[Missed] = []
        self._uncompared: list[str] = []
        self._faults: list[Fault] = []

    def report(self, other_sheets: tuple[str, ...]) -> ProfitAndLoss:
        for number, line in enumerate(self._lines, 1):
            if name := on_one_line(" ".join(line[at] for at in self._columns.names)):
                self._take(number, name, line)
        accounts = _one_of_each_name(self._accounts)
        for account in accounts:
            if account.total is not None:
                self._compared += 1
                if account.difference:
                    self._untied.append(Missed(account.full_name, None, account.difference))
        others = self._columns.others
        unread = (
            title
            for at, title in others.items()
            if any(isinstance(number_of(line[at], self._mark), Decimal) for line in self._lines)
        )
        return ProfitAndLoss(
            tuple(dict.fromkeys(self._columns.months.values())),
            accounts,
            self._compared,
            tuple(self._untied),
            tuple(self._uncompared),
            tuple(self._faults),
            tuple(unread),
            other_sheets,
        )

    def _places(self) -> Iterator[int]:
        yield from self._columns.months
        if self._columns.total is not None:
            yield self._columns.total

    def _take(self, number: int, name: str, line: Sequence[str]) -> None:
        told = {at: number_of(line[at], self._mark) for at in self._places()}
        amounts: dict[str, Decimal] = {}
        for at, month in self._columns.months.items():
            if isinstance(found := told[at], Decimal):
                # The columns of a month may be parts of it.
                amounts[month] = amounts.get(month, Decimal(0)) + found
        if _TOTAL.match(name):
            self._close(name, amounts, line)
            return
        self._faults += [
            Fault(number, "amount", _no_amount(line[at]), of=f"{month}, {name[:60]}")
            for at, month in self._columns.months.items()
            if isinstance(told[at], str)
        ]
        # A heading, which in QuickBooks may have an amount of its own.
        self._opened.append((name, len(self._accounts), bool(amounts)))
        if amounts:
            total = told.get(self._columns.total) if self._columns.total is not None else None
            self._accounts.append(Account(name, amounts, total if isinstance(total, Decimal) else None))

    def _close(self, name: str, amounts: Mapping[str, Decimal], line: Sequence[str]) -> None:
        """A total belongs to the heading of its name. An account below it may be of the same name: then to
        the one that adds up to it, or else to the one without amounts of its own."""
        group = _OF.sub("", name).casefold()
        places = [
            place
            for place, (known, _, _) in enumerate(self._opened)
            if group in (known.casefold(), _LESS.sub("", known).casefold())
        ]
        if not places:
            if group != name.casefold() and any(line[at] for at in self._columns.months):
                self._uncompared.append(name)
            return
        missed = {place: _missed(name, amounts, self._accounts[self._opened[place][1] :]) for place in places}
        ranked = sorted(places, key=lambda at: (bool(missed[at] or not amounts), self._opened[at][2], -at))
        heading, begun, _ = self._opened[ranked[0]]
        del self._opened[ranked[0] :]
        self._accounts[begun:] = [_under(heading, account) for account in self._accounts[begun:]]
        self._untied += missed[ranked[0]]
        self._compared += len(amounts)
        if any(isinstance(number_of(line[at], self._mark), str) for at in self._columns.months):
            self._uncompared.append(name)


def _no_amount(cell: str) -> str:
    return f"“{cell[:40]}” {'can be read in two ways' if has_two_readings(cell) else 'is no amount'}"


def _missed(name: str, amounts: Mapping[str, Decimal], within: Sequence[Account]) -> list[Missed]:
    found = {
        month: total - sum((account.amounts.get(month, Decimal(0)) for account in within), Decimal(0))
        for month, total in amounts.items()
    }
    return [Missed(name, month, difference) for month, difference in found.items() if difference]


def _under(heading: str, account: Account) -> Account:
    """In QuickBooks a heading may be an account too: it is not part of itself."""
    if not account.within and account.name == heading:
        return account
    return msgspec.structs.replace(account, within=(heading, *account.within))


def _one_of_each_name(accounts: Sequence[Account]) -> tuple[Account, ...]:
    """Accounts that nothing tells apart are one."""
    found: dict[str, Account] = {}
    for account in accounts:
        before = found.get(account.full_name)
        found[account.full_name] = _joined(before, account) if before else account
    return tuple(found.values())


def _joined(one: Account, other: Account) -> Account:
    nothing = Decimal(0)
    amounts = {
        month: one.amounts.get(month, nothing) + other.amounts.get(month, nothing)
        for month in {**one.amounts, **other.amounts}
    }
    both = one.total is not None and other.total is not None
    total = (one.total or nothing) + (other.total or nothing) if both else None
    return msgspec.structs.replace(one, amounts=amounts, total=total)
