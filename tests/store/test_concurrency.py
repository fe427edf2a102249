"""Several threads and several processes use one store at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from eqho.store.base import Store
from tests.store.conftest import Opener
from tests.store.processes import read_numbers, start
from tests.store.samples import NOON, customer, event, mrr, snapshot
from tests.store.worker import APPENDED

THREADS = 8


def test_eight_threads_append_and_nothing_is_lost(store: Store) -> None:
    barrier = Barrier(THREADS)

    def work(thread: int) -> int:
        barrier.wait()
        new = 0
        for number in range(25):
            store.append_metrics([snapshot(thread * 100 + number, NOON, product=f"product {thread}")])
            new += store.put_events([event(number, 10)])
            store.put_page("shared", [customer(thread)])
            store.put_state("shared", {"thread": thread})
        assert mrr(store.latest_metrics(f"product {thread}", "eqho")) == thread * 100 + 24
        return new

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(work, range(THREADS))) == 25
    assert store.count_metrics() == THREADS * 25
    assert len(list(store.events())) == 25
    assert len(store.get_page("shared") or []) == 1


def test_of_eight_threads_one_gets_the_lease(store: Store) -> None:
    barrier = Barrier(THREADS)

    def work(thread: int) -> bool:
        barrier.wait()
        return store.acquire_lease("sync", f"thread {thread}", 30) is not None

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(work, range(THREADS))) == 1


def test_builds_of_eight_threads_get_eight_numbers(store: Store) -> None:
    def work(thread: int) -> int:
        return store.publish_build({"thread": thread}, b"%d" % thread)

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(work, range(THREADS))) == list(range(1, THREADS + 1))
    build = store.latest_build()
    assert build is not None
    assert build.generation == store.generation() == THREADS
    assert build.payload == b"%d" % build.meta["thread"]


def test_readers_of_inputs_see_all_of_one_version(store: Store) -> None:
    store.replace_inputs("spend", [{"version": 0}] * 20)

    def write() -> None:
        for version in range(1, 40):
            store.replace_inputs("spend", [{"version": version}] * (20 + version % 3))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            rows = store.inputs("spend")
            assert len({row["version"] for row in rows}) == 1
            assert len(rows) == 20 + rows[0]["version"] % 3
        writing.result()
    assert [row["version"] for row in store.inputs("spend")] == [39] * 20


def test_two_processes_start_on_an_empty_place_and_append(opener: Opener) -> None:
    running = [start("append", opener.place) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    store = opener()
    assert store.count_metrics("from-process") == 2 * APPENDED
    assert len(list(store.events())) == APPENDED
    assert store.count_objects() == {"customer": APPENDED}


def test_two_processes_take_turns_as_the_leader(opener: Opener) -> None:
    running = [start("lead", opener.place) for _ in range(2)]
    numbers = [read_numbers(process) for process in running]
    assert [process.wait(60) for process in running] == [0, 0]
    assert sorted(numbers[0] + numbers[1]) == list(range(1, 21))
    assert opener().generation() == 20
