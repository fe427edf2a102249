"""Rows of a Supabase project through its Data API, one request per page, by key and never by offset."""

import json
from typing import Any

import httpx
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, SupabaseException, create_client

from eqho.sources.base import SourceError
from eqho.sources.server_clock import ServerClock
from eqho.sources.supabase.refusals import not_json, refusal, unreachable

Row = dict[str, Any]
Only = tuple[str, str] | None
"""A column and the one value that rows must have in it; None for all rows."""

PAGE_ROWS = 1_000  # what Supabase cuts every answer to unless the project allows more
TIMEOUT = 60.0


class Reader:
    """Thread-safe. Every failure is a SourceError with its sentence."""

    def __init__(self, url: str, key: str, *, timeout: float = TIMEOUT) -> None:
        self._url, self._key, self._timeout = url, key, timeout
        self._client: Client | None = None
        self.clock = ServerClock()
        self.requests = 0

    def first(self, schema: str, table: str, *, order: str | None = None, only: Only = None) -> Row | None:
        """Any one row, or the one whose `order` column is highest; None where none is visible."""
        query = _of(self._table(schema, table).select("*"), only).limit(1)
        if order is not None:
            query = query.order(order, desc=True, nullsfirst=False)
        return next(iter(self._execute(query, schema, table).data), None)

    def another(self, schema: str, table: str, column: str, value: str) -> str | None:
        """What else stands in a text column."""
        query = self._table(schema, table).select(column).neq(column, value).limit(1)
        row = next(iter(self._execute(query, schema, table).data), None)
        return None if row is None else str(row[column])

    def one(
        self, schema: str, table: str, columns: str, key: str, value: str, only: Only = None
    ) -> Row | None:
        query = _of(self._table(schema, table).select(columns), only).eq(key, value).limit(1)
        return next(iter(self._execute(query, schema, table).data), None)

    def after(
        self, schema: str, table: str, columns: str, key: str, last: str | None, only: Only = None
    ) -> list[Row]:
        """The rows behind `last` in the order of `key`; empty behind the end only. A server that cuts at
        fewer rows than asked for loses nothing."""
        query = _of(self._table(schema, table).select(columns), only)
        if last is not None:
            query = query.gt(key, last)
        query = query.order(key).limit(PAGE_ROWS)
        return list(self._execute(query, schema, table).data)

    def since(self, schema: str, table: str, key: str, first: str | None) -> list[Row]:
        """The rows from the value `first` of a key on that several may share, in its order."""
        query = self._table(schema, table).select("*")
        if first is not None:
            query = query.gte(key, first)
        return list(self._execute(query.order(key).limit(PAGE_ROWS), schema, table).data)

    def changed(
        self,
        schema: str,
        table: str,
        columns: str,
        key: str,
        stamp: str,
        since: str,
        last: Row | None,
        only: Only = None,
    ) -> tuple[list[Row], bool]:
        """Rows whose `stamp` is `since` or later, by (stamp, key), behind the row `last`; and whether these
        are all."""
        query = _of(self._table(schema, table).select(columns, count="exact"), only)
        if last is None:
            query = query.gte(stamp, since)
        else:
            at, name = _quoted(last[stamp]), _quoted(last[key])
            query = query.or_(f"{stamp}.gt.{at},and({stamp}.eq.{at},{key}.gt.{name})")
        query = query.order(stamp).order(key).limit(PAGE_ROWS)
        answer = self._execute(query, schema, table)
        rows = list(answer.data)
        return rows, not rows or len(rows) >= (answer.count or 0)

    def upsert(self, schema: str, table: str, rows: list[Row], key: str) -> None:
        query = self._table(schema, table).upsert(rows, on_conflict=key, returning="minimal")
        self._execute(query, schema, table)

    def _table(self, schema: str, table: str) -> Any:
        return self._connected().schema(schema).table(table)

    def _execute(self, query: Any, schema: str, table: str) -> Any:
        self.requests += 1
        try:
            answer = query.execute()
        except APIError as error:
            raise refusal(error, schema, table) from None
        except httpx.HTTPError as error:
            raise unreachable(error, self._url) from None
        except (json.JSONDecodeError, ValueError):
            raise not_json(self._url) from None
        # The client hands on as text what is no JSON.
        if answer.data and not isinstance(answer.data, list):
            raise not_json(self._url)
        return answer

    def _hear(self, answer: httpx.Response) -> None:
        self.clock.hear(answer.headers)

    def _connected(self) -> Client:
        if self._client is None:
            options = ClientOptions(
                httpx_client=httpx.Client(timeout=self._timeout, event_hooks={"response": [self._hear]}),
                postgrest_client_retry=False,  # the refresh tries again
                auto_refresh_token=False,
                persist_session=False,
            )
            try:
                self._client = create_client(self._url, self._key, options=options)
            except SupabaseException as error:
                raise SourceError(
                    f"SUPABASE_URL and SUPABASE_KEY cannot be used together ({error}): check both."
                ) from None
        return self._client


def _of(query: Any, only: Only) -> Any:
    return query if only is None else query.eq(*only)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
