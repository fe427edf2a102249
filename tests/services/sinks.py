"""Where messages go in tests: a web server and a mail server that keep what they were given."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from tests.services.mongod import free_port


class Received(NamedTuple):
    title: str
    text: str


class HttpSink:
    """`answers`: while clear, a message is received and no answer is given. `status` is what it answers;
    `taken` are those it answered with 200."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        self.taken: list[Received] = []
        self.status = 200
        self.answers = threading.Event()
        self.answers.set()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                one, status = Received(told["title"], told["message"]), sink.status
                sink.received.append(one)
                sink.answers.wait(30)
                if status == 200:
                    sink.taken.append(one)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"json://somebody:planted-password@127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        self.answers.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def http_sink(port: int = 0) -> Iterator[HttpSink]:
    sink = HttpSink(port)
    try:
        yield sink
    finally:
        sink.close()


class SmtpSink(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.received: list[Received] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}/founder@eqho.example?from=metrics@eqho.example"

    def handle_message(self, message: Message) -> None:
        parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
        title = str(make_header(decode_header(message["Subject"])))
        payload = parts[0].get_payload(decode=True)
        assert isinstance(payload, bytes)
        self.received.append(Received(title, payload.decode()))


@contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    sink.port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
