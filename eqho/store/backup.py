"""`python -m eqho.store.backup create FILE` and `… restore FILE`: all that is stored, in one file.

May run while the dashboard runs. The store is the one of the settings; a backup of one kind of store is
restored into the same kind. Cursors are written before what they point at: a restored dashboard reads a
little twice and misses nothing. Leases and cached pages are left out.
"""

import json
import shutil
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from eqho.settings import Settings, SettingsError, load_settings, reveal
from eqho.store.base import StoreError
from eqho.store.mongo_connection import connect, hosts, translated

_MANIFEST = "manifest.json"
_EMBEDDED = "eqho.db"
_ORDER = ("sync_state", "stripe_events", "stripe_objects", "metrics")
_LEFT_OUT = frozenset(("leases", "stripe_cache"))
_BATCH = 500


def create(settings: Settings, file: Path) -> int:
    """Bytes written. Raises StoreError and OSError; a file that is there is replaced at the end only."""
    unfinished = file.with_name(file.name + ".part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            if settings.mongodb_url is None:
                _copy_file(settings.data_dir / _EMBEDDED, archive, unfinished)
            else:
                with _mongo(settings) as database:
                    _copy_collections(database, archive)
            made_at = datetime.now(UTC).isoformat(timespec="seconds")
            archive.writestr(_MANIFEST, json.dumps({"backend": _backend(settings), "made_at": made_at}))
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def restore(settings: Settings, file: Path) -> str:
    """When the backup was made. Raises StoreError where the store is not empty, or of another kind."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            if manifest["backend"] != _backend(settings):
                raise StoreError(
                    f"{file} is a backup of the {manifest['backend']} store and the settings name the "
                    f"{_backend(settings)} one: set or unset MONGODB_URL."
                )
            if settings.mongodb_url is None:
                _put_file(archive, settings.data_dir / _EMBEDDED)
            else:
                with _mongo(settings) as database:
                    _put_collections(archive, database)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError):
        raise StoreError(f"{file} is no backup of this dashboard, or it was cut short.") from None
    made_at: str = manifest["made_at"]
    return made_at


def _backend(settings: Settings) -> str:
    return "embedded" if settings.mongodb_url is None else "mongodb"


def _copy_file(path: Path, archive: zipfile.ZipFile, beside: Path) -> None:
    if not path.exists():
        raise StoreError(f"There is nothing to back up: {path} does not exist.")
    copy = beside.with_name(beside.name + ".db")
    try:
        with closing(sqlite3.connect(path)) as running, closing(sqlite3.connect(copy)) as stopped:
            running.backup(stopped, pages=1_000)
        archive.write(copy, _EMBEDDED)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be backed up ({error}).") from error
    finally:
        copy.unlink(missing_ok=True)


def _put_file(archive: zipfile.ZipFile, path: Path) -> None:
    if path.exists():
        raise StoreError(f"{path} exists: stop the dashboard and move it away, or set another EQHO_DATA_DIR.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    with archive.open(_EMBEDDED) as stored, unfinished.open("wb") as written:
        shutil.copyfileobj(stored, written)
    unfinished.replace(path)


@contextmanager
def _mongo(settings: Settings) -> Iterator[Database[RawBSONDocument]]:
    url = reveal(settings.mongodb_url) or ""
    client = connect(url)
    raw: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
    with client, translated(hosts(url), settings.mongodb_database):
        yield Database(client, settings.mongodb_database, codec_options=raw)  # type: ignore[arg-type]


def _copy_collections(database: Database[RawBSONDocument], archive: zipfile.ZipFile) -> None:
    names = set(database.list_collection_names()) - _LEFT_OUT
    if not names:
        raise StoreError(f"There is nothing to back up: the database {database.name} is empty.")
    for name in (*(n for n in _ORDER if n in names), *sorted(names - set(_ORDER))):
        with archive.open(f"{name}.bson", "w", force_zip64=True) as written:
            for document in database[name].find(batch_size=_BATCH):
                written.write(document.raw)


def _put_collections(archive: zipfile.ZipFile, database: Database[RawBSONDocument]) -> None:
    if any(database[name].find_one() for name in database.list_collection_names() if name not in _LEFT_OUT):
        raise StoreError(
            f"The database {database.name} is not empty: set MONGODB_DATABASE to another name, or drop it."
        )
    for part in archive.namelist():
        if part.endswith(".bson"):
            with archive.open(part) as stored:
                for batch in _batches(stored):
                    database[part.removesuffix(".bson")].insert_many(batch)


def _batches(stored: IO[bytes]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for document in decode_file_iter(stored, CodecOptions(document_class=RawBSONDocument)):
        batch.append(document)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def main(arguments: list[str]) -> None:
    match arguments:
        case ["create", file]:
            size = create(load_settings(Path.cwd()), Path(file))
            print(f"{file} holds everything, in {size / 1e6:.1f} MB.")
        case ["restore", file]:
            made_at = restore(load_settings(Path.cwd()), Path(file))
            print(f"What was stored on {made_at} is in place: start the dashboard.")
        case _:
            sys.exit("Say what to do: python -m eqho.store.backup create FILE, or restore FILE.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (SettingsError, StoreError, OSError) as error:
        sys.exit(str(error))
