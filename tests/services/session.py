"""A session as a browser has it, without the browser: the websocket of Streamlit and what arrives on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

_ARRIVES_WITHIN = 60.0


class Session:
    """One open window; `look` asks for a page and returns once all of it has arrived."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def look(self, page: str = "", query: str = "") -> list[bytes]:
        """Every message of the run, as it came."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        self._socket.send(asked.SerializeToString())
        return list(self._until_finished())

    def _until_finished(self) -> Iterator[bytes]:
        until = time.monotonic() + _ARRIVES_WITHIN
        while time.monotonic() < until:
            told = self._socket.recv(timeout=_ARRIVES_WITHIN)
            assert isinstance(told, bytes)
            yield told
            message = ForwardMsg.FromString(told)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in _ENDS:
                return
        raise TimeoutError("the page did not arrive to its end")


_ENDS = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
}


@contextmanager
def session(url: str) -> Iterator[Session]:
    """`url` is the dashboard's address."""
    stream = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        yield Session(socket)
