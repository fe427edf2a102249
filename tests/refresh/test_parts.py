"""A build by parts is the build from nothing, byte for byte, whatever happened since the last one."""

import os
from collections import Counter
from pathlib import Path

import pytest

from eqho.ledger import columns, derived
from eqho.ledger import labels as labels_by_change
from eqho.ledger.labels import Labels
from eqho.refresh import parts as kept_parts
from eqho.refresh import stored_parts
from eqho.refresh.parts import Parts
from eqho.store.base import Store
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from tests.conftest import MongoDatabase
from tests.refresh.companies_in_time import Company, from_nothing, labelled

SEEDS = int(os.environ.get("EQHO_SEEDS", "8"))
STEPS = 10


@pytest.fixture(params=("embedded", "mongodb"))
def fresh_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "embedded":
        return EmbeddedStore(tmp_path / "eqho.db")
    database: MongoDatabase = request.getfixturevalue("mongo_database")
    return MongoStore(database.url, database.name)


def test_any_sequence_of_changes_gives_the_build_from_nothing(
    fresh_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Objects, events, deletions, modes, prices, configuration, time, restarts; EQHO_SEEDS sequences."""
    monkeypatch.setattr(kept_parts, "_WORTH_SAVING", 10**9)
    # So few customers are otherwise one block, labelled at once.
    monkeypatch.setattr(kept_parts, "_TOGETHER", 2)
    monkeypatch.setattr(derived, "_LARGEST", 20)
    monkeypatch.setattr(labels_by_change, "_FEW", 0)
    monkeypatch.setattr(columns, "_FEW", 2)
    told: Counter[str] = Counter()
    sequences = SEEDS if fresh_store.backend == "embedded" else max(1, SEEDS // 4)
    for seed in range(sequences):
        fresh_store.clear_objects()
        company, parts = Company(seed, fresh_store), Parts(fresh_store)
        company.follow()
        labels = Labels(company.settings.lines)
        happened = ["begun"]
        for _ in range(STEPS):
            joined = parts.join(company.now)
            by_parts = labelled(joined, company, labels)
            assert by_parts == labelled(Parts(fresh_store).join(company.now), company), (seed, happened)
            assert by_parts == from_nothing(fresh_store, company), (seed, happened)
            if happened[-1] == "_settle":
                assert joined.anew == 0, (seed, happened)
            if company.dice.random() < 0.2:  # another process goes on
                parts.save()
                parts = Parts(fresh_store)
                told["restarts"] += 1
            told["builds"] += 1
            told["parts"] += len(joined.derived.rests)
            told["derived again"] += joined.anew
            happened.append(company.step())
            if happened[-1] == "_settle":
                labels = Labels(company.settings.lines)
            told[happened[-1].lstrip("_")] += 1
    print(f"\n{fresh_store.backend}: {sequences} sequences; {dict(told)}")
    fresh_store.close()


class TestStored:
    """Parts that another process has stored."""

    @pytest.fixture
    def company(self, fresh_store: Store) -> Company:
        company = Company(1, fresh_store)
        company.follow()
        return company

    @pytest.fixture
    def stored(self, fresh_store: Store, company: Company) -> Parts:
        parts = Parts(fresh_store)
        parts.join(company.now)
        parts.save()
        return parts

    def test_a_process_that_starts_derives_nothing_again(
        self, fresh_store: Store, company: Company, stored: Parts
    ) -> None:
        joined = Parts(fresh_store).join(company.now)
        assert joined.anew == 0
        assert labelled(joined, company) == from_nothing(fresh_store, company)

    def test_what_was_cut_off_or_mixed_of_two_is_not_used(
        self, fresh_store: Store, company: Company, stored: Parts
    ) -> None:
        everybody = len(stored.join(company.now).derived.rests)
        chunk = fresh_store.record("ledger_parts", "0000")
        assert chunk is not None
        other = bytes(chunk.body["bytes"])[:-1] + b"?"
        assert fresh_store.put_record("ledger_parts", "0000", {"bytes": other}, chunk.number)
        joined = Parts(fresh_store).join(company.now)
        assert joined.anew >= everybody
        assert labelled(joined, company) == from_nothing(fresh_store, company)

    def test_those_of_another_version_of_the_program_are_not_used(
        self, fresh_store: Store, company: Company, stored: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        everybody = len(stored.join(company.now).derived.rests)
        monkeypatch.setattr(stored_parts, "made_by", lambda: "another")
        joined = Parts(fresh_store).join(company.now)
        assert joined.anew >= everybody

    def test_larger_than_a_record_they_are_cut_into_several(
        self, fresh_store: Store, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stored_parts, "_CHUNK", 1_000)
        parts = Parts(fresh_store)
        parts.join(company.now)
        parts.save()
        assert fresh_store.record("ledger_parts", "0002") is not None
        assert Parts(fresh_store).join(company.now).anew == 0
