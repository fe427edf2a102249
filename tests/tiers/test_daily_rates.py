"""Rates that are looked up daily, from a server on this machine."""

import io
import threading
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from eqho.inputs.entries import FX
from eqho.metrics.entered import Rate
from eqho.periods import day_of
from eqho.store.base import Store
from eqho.tiers import Tiers
from eqho.tiers.daily_rates import DailyRates, NoRates


class RateServer(ThreadingHTTPServer):
    content = b""
    status = 200
    asked = 0


class Answer(BaseHTTPRequestHandler):
    server: RateServer

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[RateServer]:
    made = RateServer(("127.0.0.1", 0), Answer)
    serving = threading.Thread(target=made.serve_forever)
    serving.start()
    yield made
    made.shutdown()
    serving.join()
    made.server_close()


def history(*rows: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("eurofxref-hist.csv", "\n".join(["Date,USD,JPY", *rows]))
    return packed.getvalue()


def test_rates_come_once_a_day_and_what_was_entered_stays(
    tiers: Tiers, store: Store, server: RateServer
) -> None:
    tiers.refresh(wait=True)
    today = day_of(tiers.published().ledger.now, ZoneInfo("UTC"))
    tiers.enter(FX, [{"date": today.isoformat(), "currency": "USD", "rate": 2}], None)
    clock = [today]
    rates = DailyRates(tiers, f"http://127.0.0.1:{server.server_port}/hist.zip", lambda: clock[0])

    server.status = 503
    with pytest.raises(NoRates, match="answered 503"):
        rates.turn()
    server.status, server.content = 200, history(f"{today},1.25,150")
    assert rates.turn() == 1
    assert rates.turn() == 0
    assert server.asked == 2
    assert set(tiers.entries.read(FX).rows) == {
        Rate(today.isoformat(), "USD", Decimal(2)),
        Rate(today.isoformat(), "EUR", Decimal(1)),
    }
    number = tiers.entries.read(FX).number
    clock[0] = date.fromordinal(today.toordinal() + 1)
    assert rates.turn() == 0
    assert (server.asked, tiers.entries.read(FX).number) == (3, number)


def test_a_look_up_that_fails_is_among_the_issues_until_one_works(tiers: Tiers, server: RateServer) -> None:
    rates = DailyRates(tiers, f"http://127.0.0.1:{server.server_port}/hist.zip")
    tiers.refresh(wait=True)
    told = tiers.issues()
    tiers.metrics("all-products")
    server.status = 503
    rates.look()
    said = "The exchange rates cannot be had: the server answered 503."
    assert rates.failure is not None
    assert rates.failure.startswith(said)
    assert [one.code for one in tiers.issues()] == [*(one.code for one in told), "rates_not_had"]
    for as_of in (None, date(2026, 1, 31)):
        document = tiers.metrics("all-products", as_of).value
        assert document.issues[-1].message == rates.failure

    server.status, server.content = 200, history("2026-01-05,1.1,150")
    rates.look()
    assert (rates.failure, tiers.issues()) == (None, told)
    assert "rates_not_had" not in str(tiers.metrics("all-products").value.issues)


def test_a_file_that_is_no_rate_file_is_said_and_asked_for_again(tiers: Tiers, tmp_path: Path) -> None:
    tiers.refresh(wait=True)
    path = tmp_path / "rates.csv"
    path.write_text("a,b\n1,2\n")
    rates = DailyRates(tiers, str(path))
    with pytest.raises(NoRates, match="no column Date"):
        rates.turn()
    path.write_text("Date,USD\n2026-01-01,N/A\n")
    assert rates.turn() == 0
