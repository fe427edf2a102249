import threading
from datetime import date

import pytest

from eqho.metrics.rows import Bridge as BridgeAnswer
from eqho.metrics.rows import BridgeRow
from eqho.tiers.memory import Computed, Key, Memory
from eqho.tiers.question import Question
from eqho.tiers.statistics import TierStatistics
from eqho.tiers.views import Bridge


def key(product: str = "towpilot", generation: int = 1, as_of: date | None = None, policy: str = "") -> Key:
    return Key(Question(Bridge(), product, as_of, policy), generation)


def answer(number: float) -> Computed[BridgeAnswer]:
    return Computed(BridgeAnswer([BridgeRow("List MRR", number, ["sub_1"])]), "L2", 0, 1)


def test_the_second_look_is_a_hit_and_is_not_computed_again() -> None:
    computed: list[Key] = []

    def compute(key: Key) -> Computed[BridgeAnswer]:
        computed.append(key)
        return answer(7)

    memory = Memory(compute, 300)
    assert [memory.get(key()), memory.get(key())] == [(answer(7), False), (answer(7), True)]
    assert computed == [key()]
    report = memory.statistics.report()
    assert (report["hits"], report["misses"], report["hit_rate"]) == (1, 1, 0.5)
    assert 0 < report["p50_ms"] <= report["p95_ms"] <= report["p99_ms"]


def test_the_latency_of_what_is_computed_is_not_that_of_a_look_up() -> None:
    statistics = TierStatistics()
    for _ in range(20):
        statistics.record(hit=False, seconds=0.167)
        statistics.record(hit=True, seconds=0.000_04)
    report = statistics.report()
    assert (report["p50_ms"], report["p99_ms"]) == (0.04, 0.04)
    assert (report["miss_p50_ms"], report["miss_p99_ms"]) == (167.0, 167.0)


def test_who_waits_for_what_another_computes_has_missed() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def compute(key: Key) -> Computed[BridgeAnswer]:
        begun.set()
        go_on.wait(20)
        return answer(7)

    memory = Memory(compute, 300)
    answers: list[tuple[Computed[BridgeAnswer], bool]] = []
    threads = [threading.Thread(target=lambda: answers.append(memory.get(key()))) for _ in range(3)]
    threads[0].start()
    begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    threading.Event().wait(0.2)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert answers == [(answer(7), False)] * 3
    assert memory.get(key()) == (answer(7), True)
    report = memory.statistics.report()
    assert (report["hits"], report["misses"]) == (1, 3)


def test_who_asked_a_moment_before_it_was_being_computed_has_missed_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = Memory(lambda key: answer(7), 300)
    begin = memory._remembered

    def another_was_faster(name: str) -> bytes:
        other = threading.Thread(target=memory.get, args=(key(),))
        monkeypatch.setattr(memory, "_remembered", begin)
        other.start()
        other.join(20)
        return begin(name)

    monkeypatch.setattr(memory, "_remembered", another_was_faster)
    assert memory.get(key())[1] is False
    report = memory.statistics.report()
    assert (report["hits"], report["misses"]) == (0, 2)


def test_rates_are_not_defined_before_the_first_look() -> None:
    report = Memory(lambda key: answer(1), 300).statistics.report()
    assert report == {
        "hits": 0, "misses": 0, "hit_rate": None, "p50_ms": None, "p95_ms": None, "p99_ms": None,
        "miss_p50_ms": None, "miss_p99_ms": None,
    }  # fmt: skip


def test_labels_are_those_of_the_health_answer() -> None:
    memory = Memory(lambda key: answer(1), 300)
    for each in (key(), key("all-products"), key("towpilot", as_of=date(2026, 10, 31), policy="stripe")):
        memory.get(each)
    assert memory.keys(1) == [
        "bridge:all_products",
        "bridge:towpilot",
        "bridge:towpilot:2026-10-31:stripe",
    ]


def test_a_new_generation_leaves_the_old_values_behind() -> None:
    memory = Memory(lambda key: answer(key.generation), 300)
    memory.get(key(generation=1))
    assert memory.get(key(generation=2)) == (answer(2), False)
    assert memory.keys(2) == ["bridge:towpilot"]


def test_clear_forgets_every_value_and_says_how_many() -> None:
    memory = Memory(lambda key: answer(1), 300)
    memory.get(key())
    memory.get(key("all-products"))
    assert memory.clear() == 2
    assert memory.keys(1) == []
    assert memory.get(key())[1] is False


def test_no_more_keys_are_listed_than_values_are_kept() -> None:
    memory = Memory(lambda key: answer(1), 300, max_entries=2)
    for product in ("a", "b", "c"):
        memory.get(key(product))
    assert memory.keys(1) == ["bridge:b", "bridge:c"]


def test_two_memories_share_nothing() -> None:
    first, second = Memory(lambda key: answer(1), 300), Memory(lambda key: answer(2), 300)
    assert first.get(key()) == (answer(1), False)
    assert second.get(key()) == (answer(2), False)


def test_what_fails_is_tried_again() -> None:
    outcomes = iter([ValueError("no"), answer(5)])

    def compute(key: Key) -> Computed[BridgeAnswer]:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    memory = Memory(compute, 300)
    with pytest.raises(ValueError, match="no"):
        memory.get(key())
    assert memory.get(key()) == (answer(5), False)
