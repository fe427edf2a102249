"""What PostgREST, PostgreSQL and the network answer when they do not answer, as one sentence each."""

from urllib.parse import urlsplit

import httpx
from postgrest.exceptions import APIError

from eqho.sources.base import KeyRefused, SourceDenied, SourceError


class MissingTable(SourceError):
    """The table, or its whole schema, is not there or not exposed."""


class SchemaNotExposed(MissingTable):
    """PostgREST serves other schemas only."""


MISSING_TABLE = ("42P01", "PGRST205")  # PostgREST before and since its schema cache answers for tables
MISSING_COLUMN = ("42703", "PGRST204")
UNKNOWN_ROLE = "22023"
_NEW_KEY = "take a current one from the project's settings (API keys) and set SUPABASE_KEY to it"


def refusal(error: APIError, schema: str, table: str) -> SourceError:
    code, message = error.code or "", error.message or ""
    name = f"{schema}.{table}"
    if code == "42501":
        return SourceDenied(
            f"SUPABASE_KEY may not read {name} ({message}): run 'grant usage on schema {schema}' and "
            f"'grant select on all tables in schema {schema}' for the key's role."
        )
    if code == "PGRST106":
        return SchemaNotExposed(
            f"The schema {schema} is not exposed: add it to the exposed schemas in the project's settings "
            "(Data API)."
        )
    if code in MISSING_TABLE:
        return MissingTable(
            f"There is no table {name}: check which project SUPABASE_URL names, or run "
            "'notify pgrst, ''reload schema''' if the table is new."
        )
    if code in MISSING_COLUMN:
        return SourceError(
            f"The table {name} lacks a column that its shape has ({message}): finish the migrations of what "
            "fills it."
        )
    if code.startswith("HV"):
        return SourceError(foreign_tables(schema))
    return _key_refusal(code, message) or SourceError(
        f"Supabase cannot read {name} now ({code} {message[:200]}): the next refresh tries again."
    )


def _key_refusal(code: str, message: str) -> SourceError | None:
    lowered = message.lower()
    if "jwt expired" in lowered:
        return KeyRefused(f"SUPABASE_KEY has expired: {_NEW_KEY}.")
    if "invalidsignature" in lowered or "cryptographic operation failed" in lowered:
        return KeyRefused(f"SUPABASE_KEY is signed for another project than SUPABASE_URL names: {_NEW_KEY}.")
    if code in ("PGRST301", "PGRST302", "PGRST303"):
        return KeyRefused(f"SUPABASE_KEY is no key of a Supabase project: {_NEW_KEY}.")
    if code == UNKNOWN_ROLE:
        return KeyRefused(f"SUPABASE_KEY names a role that the database does not have: {_NEW_KEY}.")
    if code == "401" or "invalid api key" in lowered or "no api key" in lowered:
        return KeyRefused(f"Supabase refuses SUPABASE_KEY ({message[:100]}): {_NEW_KEY}.")
    # Whatever answers without PostgREST's JSON is something else.
    if code.isdigit() and len(code) == 3:
        return SourceError(
            f"What answers at SUPABASE_URL is not Supabase's Data API (HTTP {code}): it must be the "
            "project's own address, such as https://abcdefgh.supabase.co, without a path."
        )
    return None


def unreachable(error: httpx.HTTPError, url: str) -> SourceError:
    return SourceError(
        f"Supabase does not answer at {urlsplit(url).netloc} ({type(error).__name__}): check SUPABASE_URL, "
        "and whether the project is paused."
    )


def not_json(url: str) -> SourceError:
    return SourceError(
        f"What answers at {urlsplit(url).netloc} is not Supabase's Data API: SUPABASE_URL must be the "
        "project's own address, such as https://abcdefgh.supabase.co, without a path."
    )


def foreign_tables(schema: str) -> str:
    return (
        f"The tables of the schema {schema} are foreign tables of the Stripe wrapper, which asks Stripe on "
        "every read and lists no ended subscriptions: set STRIPE_SECRET_KEY instead, or install the Stripe "
        "Sync Engine from the project's integrations."
    )


def no_rows(table: str) -> SourceError:
    return SourceError(
        f"No rows of {table} are visible to SUPABASE_KEY: check its row level security and grants, for a key "
        "without a policy sees an empty table."
    )


def no_rows_of(account: str, table: str) -> SourceError:
    return SourceError(
        f"No rows of {table} are of {account} or visible to SUPABASE_KEY: check SUPABASE_ACCOUNT, row level "
        "security and grants."
    )


def several_accounts(schema: str, one: str, other: str) -> SourceError:
    named = " and ".join(sorted((one, other)))
    return SourceError(
        f"The tables of the schema {schema} hold several Stripe accounts, {named} among them, which are "
        "never added up: set SUPABASE_ACCOUNT to the one to show."
    )


def accounts_untold(schema: str) -> SourceError:
    return SourceError(
        f"The tables of the schema {schema} do not say which Stripe account a row is of: unset "
        "SUPABASE_ACCOUNT."
    )
