"""How old the mirror in Supabase is, by what its own engine says."""

from datetime import UTC, datetime, timedelta

from eqho.issues import Issue
from eqho.sources.base import SourceError
from eqho.sources.supabase.reader import Reader
from eqho.sources.supabase.shapes import ENGINE_SCHEMA, Layout, Shape

STALE_AFTER = timedelta(hours=24)
STALE = "stale_source"


def staleness(reader: Reader, layout: Layout, synced: str | None, now: int) -> list[Issue]:
    """`synced` is when a row was last written, as far as rows have been read. The managed engine's view of
    its runs goes before it, for rows do not move when nothing changes."""
    at, failure = synced, None
    if layout.shape is Shape.MANAGED:
        try:
            only = None if layout.account is None else ("account_id", layout.account)
            run = reader.first(ENGINE_SCHEMA, "sync_runs", order="started_at", only=only)
        except SourceError:
            run = None  # without a grant on the view the rows have to do
        if run is not None:
            at = run.get("closed_at") or run.get("started_at")
            failure = (run.get("error_message") or "no reason given") if run["status"] == "error" else None
    if failure is not None:
        return [
            Issue(
                STALE,
                f"The last run of the sync engine in Supabase failed ({failure[:200]}): figures are as of "
                "the run before it, so mend the engine in the project's integrations.",
            )
        ]
    if at is None:
        return []
    moment = datetime.fromisoformat(at)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if datetime.fromtimestamp(now, UTC) - moment <= STALE_AFTER:
        return []
    return [
        Issue(
            STALE,
            f"What fills the tables in Supabase last ran at {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC, "
            "more than 24 hours ago: figures are of that time, so start it again.",
        )
    ]
