"""Which shape a project has, recognised by looking at one row of each table."""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from eqho.issues import Issue
from eqho.sources.base import SourceDenied, SourceError
from eqho.sources.supabase.reader import Only, Reader, Row
from eqho.sources.supabase.refusals import (
    MissingTable,
    SchemaNotExposed,
    foreign_tables,
    no_rows,
    no_rows_of,
    several_accounts,
)


class Shape(Enum):
    """Named as people know them."""

    MANAGED = "Stripe Sync Engine"
    REPLIT = "stripe-replit-sync"
    LIBRARY = "@supabase/stripe-sync-engine"
    SIMPLE = "simple tables"


ENGINE_SCHEMA, SIMPLE_SCHEMA = "stripe", "public"
SIMPLE_SUBSCRIPTIONS = "stripe_subscriptions"
_ENGINE_TABLES = {
    "product": "products",
    "price": "prices",
    "coupon": "coupons",
    "customer": "customers",
    "subscription": "subscriptions",
    "subscription_schedule": "subscription_schedules",
    "invoice": "invoices",
    "credit_note": "credit_notes",
    "refund": "refunds",
    "dispute": "disputes",
}
_SIMPLE_TABLES = {"customer": "stripe_customers", "subscription": SIMPLE_SUBSCRIPTIONS}
# What moves with every write, best first: `last_synced_at` may be null.
_STAMPS = ("_updated_at", "updated_at", "last_synced_at")
_ACCOUNT = "_account_id"
_SYNCED = ("_last_synced_at", "last_synced_at")


class Table(NamedTuple):
    """`stamp` is the column that moves with every write, None where there is none. `synced` is when what
    fills the table last wrote to it, as far as the row looked at tells."""

    name: str
    key: str
    stamp: str | None
    synced: str | None


class Layout(NamedTuple):
    """`tables` by kind; a kind without one is not in this source. `account`: whose rows are read where rows
    say whose they are."""

    shape: Shape
    schema: str
    tables: Mapping[str, Table]
    issues: tuple[Issue, ...] = ()
    account: str | None = None

    @property
    def only(self) -> Only:
        return None if self.account is None else (_ACCOUNT, self.account)

    @property
    def raw(self) -> bool:
        """Whether rows hold Stripe's own object."""
        return self.shape in (Shape.MANAGED, Shape.REPLIT)


def recognise(reader: Reader, chosen: str | None = None) -> Layout:
    """`chosen` is the account to read where the tables may hold several. Raises SourceError with the sentence
    that helps most where no shape can be read."""
    try:
        row = reader.first(ENGINE_SCHEMA, "subscriptions")
    except (SourceDenied, MissingTable) as refused:
        return _simple(reader, refused)
    if row is None:
        return _simple(reader, no_rows("stripe.subscriptions"))
    if "attrs" in row:
        raise SourceError(foreign_tables(ENGINE_SCHEMA))
    shape = Shape.LIBRARY
    if "_raw_data" in row:
        shape = Shape.MANAGED if _exists(reader, "sync_runs") else Shape.REPLIT
    account = _account(reader, row, chosen) if _ACCOUNT in row else None
    return _look(reader, shape, ENGINE_SCHEMA, _ENGINE_TABLES, account)


def _account(reader: Reader, row: Row, chosen: str | None) -> str:
    """Two accounts are never added up."""
    if chosen is not None:
        if reader.first(ENGINE_SCHEMA, _ENGINE_TABLES["subscription"], only=(_ACCOUNT, chosen)) is None:
            raise no_rows_of(chosen, "stripe.subscriptions")
        return chosen
    found = str(row[_ACCOUNT])
    if (other := reader.another(ENGINE_SCHEMA, _ENGINE_TABLES["subscription"], _ACCOUNT, found)) is not None:
        raise several_accounts(ENGINE_SCHEMA, found, other)
    return found


def _simple(reader: Reader, otherwise: SourceError) -> Layout:
    try:
        row = reader.first(SIMPLE_SCHEMA, SIMPLE_SUBSCRIPTIONS)
    except MissingTable as missing:
        if isinstance(otherwise, SchemaNotExposed):
            raise SourceError(
                f"{otherwise} There is no table {SIMPLE_SCHEMA}.{SIMPLE_SUBSCRIPTIONS} either."
            ) from None
        raise (missing if type(otherwise) is MissingTable else otherwise) from None
    if row is None:
        known = isinstance(otherwise, MissingTable)
        raise no_rows(f"{SIMPLE_SCHEMA}.{SIMPLE_SUBSCRIPTIONS}") if known else otherwise
    return _look(reader, Shape.SIMPLE, SIMPLE_SCHEMA, _SIMPLE_TABLES)


def _exists(reader: Reader, table: str) -> bool:
    try:
        reader.first(ENGINE_SCHEMA, table)
    except SourceDenied:
        return True
    except MissingTable:
        return False
    return True


def _look(
    reader: Reader, shape: Shape, schema: str, names: Mapping[str, str], account: str | None = None
) -> Layout:
    only = None if account is None else (_ACCOUNT, account)
    tables: dict[str, Table] = {}
    issues: list[Issue] = []
    for kind, name in names.items():
        try:
            row = reader.first(schema, name, only=only)
        except MissingTable:
            continue
        except SourceDenied as denied:
            if kind == "subscription":
                raise
            issues.append(Issue("missing_permission", str(denied), (kind,)))
            continue
        key = "id" if shape is not Shape.SIMPLE else f"{name.removesuffix('s')}_id"
        tables[kind] = _table(name, key, row or {}, raw=shape in (Shape.MANAGED, Shape.REPLIT))
    return Layout(shape, schema, tables, tuple(issues), account)


def _table(name: str, key: str, row: Row, *, raw: bool) -> Table:
    stamp = next((column for column in _STAMPS if row.get(column) is not None), None)
    synced = next((row[column] for column in _SYNCED if row.get(column)), None)
    return Table(name, key, stamp or ("_updated_at" if raw and not row else None), synced)
