"""A process that sends messages: `python -m tests.messages.messenger_process STORE NOW URLS LEASE`.

Prints a line when it has read the company, and turns until it is killed.
"""

import sys
import time
from pathlib import Path

from eqho.messages import messenger
from eqho.store.embedded import EmbeddedStore
from tests.messages.rig import Desk


def main() -> None:
    path, now, urls, lease = sys.argv[1:]
    messenger.LEASE_SECONDS = float(lease)
    desk = Desk(EmbeddedStore(Path(path)), int(now), urls, first_pause=0)
    print("ready", flush=True)
    while True:
        desk.wall = time.time()
        desk.messenger.turn()
        time.sleep(0.05)


if __name__ == "__main__":
    main()
