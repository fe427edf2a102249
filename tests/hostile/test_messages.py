"""The digest and every alert of the hostile company, as a web hook and a mail reader get them."""

from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from eqho.messages.rules import Rules
from eqho.store.embedded import EmbeddedStore
from tests.hostile import secrets
from tests.hostile.company import hostile_company
from tests.hostile.judged import acts
from tests.hostile.names import EVIL, MARK
from tests.messages.rig import Desk, at
from tests.services.mongod import free_port
from tests.services.sinks import http_sink
from tests.tiers.rig import SmallSource

MONDAY = at("2026-11-23T08:00:00")
EVERYTHING = Rules(quiet_hours="", stale_minutes=None, mrr_change=1, lost_mrr=1, payment_failed=1)


class Mails(MessageHandler):
    """Whole mails as they arrive."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.received.append(message)


@pytest.fixture
def mails() -> Iterator[tuple[Mails, int]]:
    handler, port = Mails(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_messages_name_customers_and_run_nothing(tmp_path: Path, mails: tuple[Mails, int]) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db")
    handler, port = mails
    with http_sink() as web:
        password = f"me:{secrets.ALERTS_PASSWORD}@"
        hook = web.url.replace("somebody:planted-password@", password)
        urls = f"{hook}, amounts=mailto://127.0.0.1:{port}/founder@eqho.example?from=metrics@eqho.example"
        messenger = Desk(store, MONDAY, urls, EVERYTHING, source=SmallSource(hostile_company())).messenger
        due = messenger.preview()
        # In one: between two messages to a place the library waits for seconds. Alerts name a customer in
        # their titles.
        title = " ".join(messenger.title(message) for message in due)
        for destination in messenger.destinations:
            whole = "\n".join(
                message.text(amounts=destination.amounts, public_url="https://metrics.eqho.example")
                for message in due
            )
            assert destination.send(title, whole) is None
        texts = [f"{one.title}\n{one.text}" for one in web.received]
    store.close()
    assert {"week", "month", "mrr", "lost"} <= {message.key.partition("/")[0] for message in due}
    assert texts
    assert any(MARK in text for text in texts)
    for text in texts:
        assert acts(text) == []
        assert secrets.told(text) == []
        assert "Set-Cookie" not in text.splitlines()
    assert handler.received
    for mail in handler.received:
        assert set(mail.keys()) & {"Set-Cookie", "Bcc"} == set()
        for part in mail.walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                judge_part(part.get_content_type(), payload.decode())


def judge_part(kind: str, text: str) -> None:
    assert acts(text) == []
    assert secrets.told(text) == []
    if kind == "text/html":
        assert f"<script>window.owned=1</script>{MARK}" not in text
        assert f'href="https://{EVIL}' not in text
        assert "<img" not in text
        assert "<svg" not in text
