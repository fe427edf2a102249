"""Columns with product lines put to them."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from eqho.ledger.cash import Posting, split
from eqho.ledger.columns import Table, by_first_occurrence
from eqho.ledger.facts import Sold
from eqho.ledger.labelled import LabelledRest
from eqho.ledger.spans import Ints, Span

Codes = npt.NDArray[np.int32]


def lines_of(table: Table, labelled: Mapping[str, LabelledRest]) -> tuple[Codes, list[str]]:
    """(codes, their names) of a table with the columns customer, price and product; codes by first
    occurrence."""
    customer, price, product = (table.arrays[name] for name in ("customer", "price", "product"))
    prices, products = table.names["price"], table.names["product"]
    combined = customer.astype(np.int64)
    for codes, names in ((price, prices), (product, products)):
        combined = combined * len(names) + codes
    # The same customer buys the same over and over: rows are looked at run by run.
    begins = np.ones(len(combined), dtype=np.bool_)
    begins[1:] = combined[1:] != combined[:-1]
    runs = np.flatnonzero(begins)
    _, first, inverse = np.unique(combined[runs], return_index=True, return_inverse=True)
    lines: dict[str, int] = {}
    customers = table.names["customer"]
    found = [
        labelled[customers[customer[row]]].line(Sold(prices[price[row]], products[product[row]]))
        for row in runs[first]
    ]
    codes = np.array([lines.setdefault(line, len(lines)) for line in found], dtype=np.int32)
    return by_first_occurrence(codes[inverse][np.cumsum(begins) - 1], list(lines))


def labelled_spans(spans: Table, labelled: Mapping[str, LabelledRest]) -> Table:
    line, names = lines_of(spans, labelled)
    return Table(Span, spans.arrays | {"line": line}, spans.names | {"line": names})


def postings(bills: Table, shares: Table, labelled: Mapping[str, LabelledRest]) -> Table:
    """Each bill split over the product lines of its document's shares; without any, as of a refund, the line
    is "". In the order of the bills."""
    if not len(bills):
        return Table.of(Posting, ())
    document, of_share = _documents(bills, shares)
    line, names = lines_of(shares, labelled)
    names = [*names, ""]
    low = np.full(int(document[-1]) + 1, len(names) - 1, dtype=np.int32)
    high = np.full(len(low), -1, dtype=np.int32)
    np.minimum.at(low, of_share, line)
    np.maximum.at(high, of_share, line)
    # Most documents are of one line: those of several are split one by one.
    several = (low < high)[document]
    plain = np.flatnonzero(~several)
    row, of_row, amount = _split(
        bills.arrays["amount"], np.flatnonzero(several), document, of_share, line, shares.arrays["net"]
    )
    rows = np.concatenate([plain, row])
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    columns = {
        name: bills.arrays[name][rows] for name in ("customer", "document", "flow", "currency", "at", "known")
    }
    columns["line"] = np.concatenate([low[document[plain]], of_row])[order]
    columns["amount"] = np.concatenate([bills.arrays["amount"][plain], amount])[order]
    return Table(Posting, columns, bills.names | {"line": names})


def _documents(bills: Table, shares: Table) -> tuple[Codes, Codes]:
    """The number of each bill's document among all, and of each share's. Rows are in order of customer and
    document, and a share's document has a bill."""
    customer, number = bills.arrays["customer"].astype(np.int64), bills.arrays["document"]
    begins = np.ones(len(bills), dtype=np.bool_)
    begins[1:] = (customer[1:] != customer[:-1]) | (number[1:] != number[:-1])
    most = 1 + max(int(number.max()), int(shares.arrays["document"].max(initial=0)))
    starts = (customer * most + number)[begins]
    index = {name: code for code, name in enumerate(bills.names["customer"])}
    codes = np.array([index[name] for name in shares.names["customer"]], dtype=np.int64)
    of_share = np.searchsorted(starts, codes[shares.arrays["customer"]] * most + shares.arrays["document"])
    return (np.cumsum(begins) - 1).astype(np.int32), of_share.astype(np.int32)


def _split(
    amounts: Ints, rows: npt.NDArray[np.int64], document: Codes, of_share: Codes, line: Codes, net: Ints
) -> tuple[npt.NDArray[np.int64], Codes, Ints]:
    """(row of the bill, line, amount) of every part of the bills in `rows`."""
    found: list[tuple[int, int, int]] = []
    weights: dict[int, dict[int, int]] = {}
    for row in rows:
        number = int(document[row])
        if number not in weights:
            mine = weights[number] = {}
            first, end = np.searchsorted(of_share, [number, number + 1])
            for code, amount in zip(line[first:end].tolist(), net[first:end].tolist(), strict=True):
                mine[code] = mine.get(code, 0) + amount
        parts = split(int(amounts[row]), weights[number])
        found.extend((int(row), code, part) for code, part in parts)
    columns = np.array(found, dtype=np.int64).reshape(len(found), 3)
    return columns[:, 0], columns[:, 1].astype(np.int32), columns[:, 2]
