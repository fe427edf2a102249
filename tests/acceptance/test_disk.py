"""A disk that is full, read-only or damaged: the last figures stay, the sentence says what to do."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.acceptance.test_tiers_from_outside import becomes, fourth_customer, told
from tests.services.plain_account import plain_account
from tests.services.stripe_server import stripe_server

Mount = Callable[[str], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Mount]]:
    """A small disk of its own, and how to mount it again with other options."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, check=False
    ).returncode:
        pytest.skip("only root may mount a disk")

    def remount(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)

    yield folder, remount
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def account() -> StripeAccount:
    return plain_account(3)


@pytest.fixture
def dashboard(run: Run, account: StripeAccount, disk: tuple[Path, Mount]) -> Iterator[Dashboard]:
    with stripe_server(account, KEY) as stripe:
        dashboard = run(**of_stripe(stripe), EQHO_DATA_DIR=str(disk[0]), CACHE_TTL="3600")
        assert told(dashboard)[0] == 300.0
        yield dashboard


def failed(dashboard: Dashboard) -> str:
    answer = dashboard.refresh()
    assert answer.status_code == 503
    sentence: str = answer.json()["detail"]
    return sentence


def test_a_full_disk(dashboard: Dashboard, account: StripeAccount, disk: tuple[Path, Mount]) -> None:
    filler = disk[0] / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    fourth_customer(account)
    assert "is full: make room on it" in failed(dashboard)
    assert told(dashboard)[0] == 300.0
    assert "is full" in dashboard.health()[1]["reason"]
    filler.unlink()
    assert dashboard.refresh().json()["revenue_metrics"]["mrr"] == 400.0
    becomes("healthy", lambda: dashboard.health()[1]["status"])


def test_a_disk_that_is_read_only_stops_the_start_with_one_sentence(
    dashboard: Dashboard, disk: tuple[Path, Mount]
) -> None:
    dashboard.stop()
    disk[1]("ro")
    code, said = dashboard.fails_to_start()
    assert code != 0
    assert "cannot be written: give the user who runs the dashboard the right to write it" in said
    assert "Traceback" not in said


def test_a_file_damaged_while_the_dashboard_was_down(
    dashboard: Dashboard, account: StripeAccount, disk: tuple[Path, Mount]
) -> None:
    dashboard.stop()
    (disk[0] / "eqho.db").write_bytes(b"not a database " * 1_000)
    fourth_customer(account)
    dashboard.start()
    becomes(400.0, lambda: told(dashboard)[0])
    issues = dashboard.get("metrics/all-products")["issues"]
    assert "moved aside" in " ".join(issue["message"] for issue in issues)
    assert list(disk[0].glob("eqho.db.damaged-*"))
