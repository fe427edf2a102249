"""Another process that uses a store: `python -m tests.store.worker ACTION KIND FOLDER [URL DATABASE]`."""

import sys
from datetime import timedelta

from eqho.store.base import Store, StoreUnavailable
from tests.store.conftest import open_place
from tests.store.samples import NOON, customer, event, snapshot

APPENDED = 100


def append(store: Store) -> None:
    for number in range(APPENDED):
        store.append_metrics([snapshot(number, NOON, product="from-process")])
        store.put_events([event(number, 10)])
        store.put_objects("customer", [customer(number)], "v", NOON)


def lead(store: Store) -> None:
    """Compete for the lease and publish 10 builds under it."""
    published = 0
    while published < 10:
        lease = store.acquire_lease("sync", f"process {sys.argv[3:]}{id(store)}", 30)
        if lease is not None:
            print(store.publish_build({}, b"", lease), flush=True)
            store.release_lease(lease)
            published += 1


def write_for_ever(store: Store) -> None:
    """Print each number once everything that was written with it has been acknowledged."""
    number = 0
    try:
        while True:
            number += 1
            store.append_metrics([snapshot(number, NOON + timedelta(seconds=number))])
            store.put_events([event(number, number)])
            store.put_objects("customer", [customer(number)], "v", NOON)
            store.put_state("cursor", {"number": number})
            print(number, flush=True)
    except StoreUnavailable:
        return


if __name__ == "__main__":
    action, *place = sys.argv[1:]
    {"append": append, "lead": lead, "write-for-ever": write_for_ever}[action](open_place(*place))
