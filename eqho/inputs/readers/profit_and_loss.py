"""A profit and loss by month, as QuickBooks Online and Xero export it: accounts down, months across.

Title lines stand above; a line of months begins the table. `Total …` lines and a total column repeat what the
lines above them say: they are never counted, only compared.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from eqho.inputs.readers.frames import UnreadableFile, has_semicolons, read_frame
from eqho.inputs.readers.numbers import Mark, decimal_mark, number_of
from eqho.inputs.readers.tables import month_of
from eqho.names import on_one_line

_MONTH = re.compile(r"\d{4}-\d\d")
_TOTAL = re.compile(r"(?i)^(total\b|gross profit|net (operating |other )?(income|profit|loss|earnings))")
_OF = re.compile(r"(?i)^total(?: for)? +")
_MONTHS_AT_LEAST = 1
_RANGE = re.compile(r"(?i)^([a-z]{3,9}) \d{1,2}\s*[-–]\s*\d{1,2},? (\d{4})$")
_DAY = re.compile(r"(?i)^\d{1,2} ([a-z]{3,9}) (\d{4})$")
_ENDS = ("%b %Y", "%B %Y", "%b %y", "%b-%y", "%b-%Y", "%m/%Y", "%Y-%m")


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


class Group(msgspec.Struct, frozen=True):
    """A `Total …` line: what it says in each month, and by how much its accounts miss it."""

    name: str
    differences: Mapping[str, Decimal]


class ProfitAndLoss(msgspec.Struct, frozen=True):
    """`untied`: total lines whose accounts do not add up to them."""

    months: tuple[str, ...]
    accounts: tuple[Account, ...]
    untied: tuple[Group, ...]


def read_profit_and_loss(name: str, data: bytes) -> ProfitAndLoss:
    """Raises UnreadableFile."""
    lines = [[str(cell) for cell in row] for row in read_frame(name, data, header=None).to_numpy().tolist()]
    for place, line in enumerate(lines):
        columns = {at: month for at, cell in enumerate(line) if (month := _month(cell))}
        if len(columns) >= _MONTHS_AT_LEAST and 0 not in columns:
            below, total = lines[place + 1 :], _total_column(line)
            places = [*columns, *([total] if total is not None else ())]
            told = (below_line[at] for below_line in below for at in places)
            mark = decimal_mark(told, semicolons=has_semicolons(name, data))
            return _read(below, columns, total, mark)
    raise UnreadableFile(
        f"{name} has no line of months: export the profit and loss with months as columns (in QuickBooks "
        "“Display columns by: Months”, in Xero “Compare with: previous months”)."
    )


def _read(
    lines: Sequence[Sequence[str]], columns: Mapping[int, str], total: int | None, mark: Mark | None
) -> ProfitAndLoss:
    accounts: list[Account] = []
    untied: list[Group] = []
    opened: list[tuple[str, int]] = []
    for line in lines:
        name = on_one_line(line[0])
        numbers = {
            at: number_of(line[at], mark) for at in (*columns, *([total] if total is not None else ()))
        }
        amounts = {
            columns[at]: found
            for at, found in numbers.items()
            if at in columns and isinstance(found, Decimal)
        }
        if not name:
            continue
        if _TOTAL.match(name):
            group = _OF.sub("", name).casefold()
            places = [place for place, (known, _) in enumerate(opened) if known.casefold() == group]
            if places:
                heading, begun = opened[places[-1]]
                del opened[places[-1] :]
                untied.extend(_compared(name, amounts, accounts[begun:]))
                accounts[begun:] = [_under(heading, account) for account in accounts[begun:]]
            continue
        # A heading, which in QuickBooks may have an amount of its own.
        opened.append((name, len(accounts)))
        if amounts:
            of_file = numbers.get(total) if total is not None else None
            accounts.append(Account(name, amounts, of_file if isinstance(of_file, Decimal) else None))
    return ProfitAndLoss(tuple(columns.values()), tuple(accounts), tuple(untied))


def _under(heading: str, account: Account) -> Account:
    """In QuickBooks a heading may be an account too: it is not part of itself."""
    if not account.within and account.name == heading:
        return account
    return msgspec.structs.replace(account, within=(heading, *account.within))


def _compared(name: str, amounts: Mapping[str, Decimal], within: Sequence[Account]) -> list[Group]:
    found = {
        month: total - sum((account.amounts.get(month, Decimal(0)) for account in within), Decimal(0))
        for month, total in amounts.items()
    }
    differences = {month: difference for month, difference in found.items() if difference}
    return [Group(name, differences)] if differences else []


def _total_column(line: Sequence[str]) -> int | None:
    return next((at for at, cell in enumerate(line) if at and cell.casefold() in ("total", "ytd")), None)


def _month(cell: str) -> str | None:
    """`Oct 2026`, `Oct 1-31, 2026` and `31 Oct 2026` as `2026-10`."""
    text = cell.replace(".", "")
    if (parts := _RANGE.match(text) or _DAY.match(text)) is not None:
        text = f"{parts[1]} {parts[2]}"
    found = month_of(text, _ENDS)
    return found if _MONTH.fullmatch(found) else None
