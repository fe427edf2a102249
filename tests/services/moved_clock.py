"""A clock that is moved under running processes, through Debian's libfaketime."""

import time
from pathlib import Path

from tests.services.mongod import missing

# With the clock that never jumps left alone, this version of the library answers `time.sleep` with an error.
_SITE = """import threading, time
time.sleep = lambda seconds: threading.Event().wait(seconds) and None
"""


class MovedClock:
    """`environment` is for the processes that go by it. Waiting takes as long as ever: as on a real
    machine, only the time of day jumps."""

    def __init__(self, folder: Path, now: int) -> None:
        libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not libraries:
            missing("libfaketime", "apt-get install libfaketime on Linux")
        self._file = folder / "clock"
        self._offset = now - time.time()
        self.move(0)
        (folder / "sitecustomize.py").write_text(_SITE)
        self.environment = {
            "LD_PRELOAD": str(libraries[0]),
            "PYTHONPATH": str(folder),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
            # No lock of its own, which a killed process would leave behind.
            "FAKETIME_DISABLE_SHM": "1",
        }

    def move(self, seconds: float) -> None:
        """So far from the right time, which goes on from `now`; 0 puts it right."""
        unfinished = self._file.with_suffix(".part")
        unfinished.write_text(f"{self._offset + seconds:+.3f}\n")
        unfinished.replace(self._file)
