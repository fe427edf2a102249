"""Exchange rates that are looked up once a day, in a thread of its own; what was entered goes before them."""

import io
import logging
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from eqho.errors import BadArgument, NoBuild, WrittenMeanwhile
from eqho.inputs.entries import FX
from eqho.inputs.merging import merged
from eqho.issues import Issue
from eqho.periods import day_of
from eqho.store.base import StoreError
from eqho.tiers.published import Current
from eqho.tiers.service import Tiers

if TYPE_CHECKING:
    from eqho.inputs.readers.rates import Wanted

log = logging.getLogger("eqho.rates")

ECB = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
_ZONE = ZoneInfo("UTC")
_TURN_SECONDS = 900.0
_TIMEOUT = 60.0
RATES_NOT_HAD = "rates_not_had"


class NoRates(Exception):
    """The rates could not be had; the message says why."""


class DailyRates:
    """`place`: `off`, `ecb`, or the URL or file of rates in the layout of the ECB's history."""

    def __init__(self, tiers: Tiers, place: str, today: Callable[[], date] | None = None) -> None:
        self._tiers, self.place = tiers, ECB if place == "ecb" else place
        self._today = today or (lambda: datetime.now(UTC).date())
        self._stopped = threading.Event()
        self._looked: date | None = None

    @property
    def failure(self) -> str | None:
        """Why the last look-up came to nothing; it is among the issues too."""
        trouble = self._tiers.troubles.get(RATES_NOT_HAD)
        return trouble.message if trouble else None

    def start(self) -> None:
        if self.place != "off":
            threading.Thread(target=self._run, name="eqho-rates", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def turn(self) -> int:
        """Look once a day; how many rates that brought. Raises NoRates, NoBuild and StoreError, and is then
        due again."""
        # Heavy imports: only for those whose rates are looked up.
        from eqho.inputs.readers.frames import UnreadableFile  # noqa: PLC0415
        from eqho.inputs.readers.rates import read_rates  # noqa: PLC0415

        if self._looked == self._today():
            return 0
        wanted = rates_wanted(self._tiers.published())
        try:
            rows = read_rates("The rate file", self._content(), wanted)
        except UnreadableFile as error:
            raise NoRates(str(error)) from None
        if rows is None:
            raise NoRates("The rate file has no column Date with currencies across.")
        checked = self._tiers.entries.check(FX, rows)
        listed = self._tiers.entries.read(FX)
        present = () if listed.sample else listed.rows
        known = {(row.date, row.currency) for row in present}
        new = [row for row in checked.rows if (row.date, row.currency) not in known]
        if new:
            try:
                self._tiers.enter(FX, merged(new, present), listed.number)
            except (WrittenMeanwhile, BadArgument) as error:
                raise NoRates(str(error)) from None
        self._looked = self._today()
        if checked.faults:
            log.warning("%d rates cannot be used: %s", len(checked.faults), checked.faults[0])
        return len(new)

    def _content(self) -> bytes:
        import httpx  # noqa: PLC0415

        try:
            if "://" not in self.place:
                return _csv_of(Path(self.place).read_bytes())
            with httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
                answer = client.get(self.place)
        except (OSError, httpx.HTTPError) as error:
            raise NoRates(f"The exchange rates cannot be had: {error}.") from None
        if answer.status_code != httpx.codes.OK:
            raise NoRates(f"The exchange rates cannot be had: the server answered {answer.status_code}.")
        return _csv_of(answer.content)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(_TURN_SECONDS)

    def look(self) -> None:
        """One turn that raises nothing: what went wrong is in `failure` until a turn works."""
        try:
            if (found := self.turn()) > 0:
                log.info("%d exchange rates are new", found)
        except NoBuild:
            # The first sync is said elsewhere; the rates of no ledger are wanted.
            return
        except (NoRates, StoreError) as error:
            log.warning("no exchange rates: %s", error)
            self._failed(str(error))
        except Exception:
            log.exception("no exchange rates")
            self._failed("The exchange rates could not be read.")
        else:
            self._tiers.troubles.pop(RATES_NOT_HAD, None)

    def _failed(self, why: str) -> None:
        said = f"{why} Those that are there go on counting for 7 days; it is tried again every 15 minutes."
        self._tiers.troubles[RATES_NOT_HAD] = Issue(RATES_NOT_HAD, said)


def rates_wanted(current: Current) -> "Wanted":
    """The currencies of the ledger and of the reports, from the day before the first span on."""
    from eqho.inputs.readers.rates import Wanted  # noqa: PLC0415

    spans = current.ledger.spans
    began = int(spans.start.min()) if len(spans) else current.ledger.now
    names = {name.upper() for name in spans.names["currency"]} | {current.currency.upper()}
    return Wanted(names, date.fromordinal(day_of(began, _ZONE).toordinal() - 7))


def _csv_of(data: bytes) -> bytes:
    """The one CSV of a ZIP archive; anything else as it is."""
    from eqho.inputs.readers.rates import LARGEST  # noqa: PLC0415

    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
            if len(files) != 1 or files[0].file_size > LARGEST:
                return data
            return archive.read(files[0])
    except zipfile.BadZipFile:
        raise NoRates("The rate file is a ZIP archive that cannot be read.") from None
