"""Where messages go: notification URLs of apprise, which are secrets."""

import logging
import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Self

from eqho.setting_checks import split_urls
from eqho.settings import SettingsError

if TYPE_CHECKING:
    from apprise import NotifyBase

_AMOUNTS = "amounts="
_PIECES = re.compile(r"[^\w.-]+")
_LONGEST_REASON = 200


class Destination(NamedTuple):
    """`id` says which without telling the URL, `name` is fit to be shown. `amounts`: may they go there."""

    id: str
    name: str
    amounts: bool
    url: str
    service: "NotifyBase"

    @classmethod
    def of(cls, entry: str) -> Self:
        """Raises SettingsError."""
        # A heavy import: only for those who have set a destination.
        from apprise import Apprise  # noqa: PLC0415

        amounts, url = entry.startswith(_AMOUNTS), entry.removeprefix(_AMOUNTS)
        quiet_library()
        service = Apprise.instantiate(url)
        if service is None:
            schema = url.partition("://")[0]
            raise SettingsError(
                f"EQHO_ALERTS holds a URL that apprise does not know or that lacks a part ({schema}://…): "
                "allowed are its notification URLs, see https://github.com/caronc/apprise."
            )
        name = str(service.service_name)
        digest = sha256(url.encode()).hexdigest()[:12]
        return cls(digest, f"{name} ({_where(service)})" if _where(service) else name, amounts, url, service)

    def send(self, title: str, text: str) -> str | None:
        """None once it was taken, else why not, without anything of the URL."""
        from apprise import Apprise, LogCapture, NotifyFormat  # noqa: PLC0415

        sender = Apprise()
        sender.add(self.service)
        with LogCapture(level=logging.WARNING, fmt="%(message)s") as captured:  # type: ignore[no-untyped-call]
            try:
                if sender.notify(text, title, body_format=NotifyFormat.TEXT.value):
                    return None
                said = captured.getvalue().strip().splitlines()
            except Exception as error:  # whatever a plug-in of a library may raise
                said = [type(error).__name__]
        return self._without_secrets(said[0] if said else "it gave no reason")

    def _without_secrets(self, reason: str) -> str:
        for piece in sorted(_PIECES.split(self.url), key=len, reverse=True):
            if len(piece) >= 4:
                reason = reason.replace(piece, "…")
        return reason[:_LONGEST_REASON]


def parse_destinations(text: str | None) -> tuple[Destination, ...]:
    """Those of EQHO_ALERTS. Raises SettingsError."""
    return tuple(Destination.of(entry) for entry in split_urls(text or "") if entry)


def quiet_library() -> None:
    """What the library logs may hold the URL: its reasons are shown by us, without that."""
    library = logging.getLogger("apprise")
    library.propagate = False
    if not library.handlers:
        library.addHandler(logging.NullHandler())


def _where(service: "NotifyBase") -> str:
    """The host of e-mail and webhooks; of other services the host is a part of the secret."""
    protocols = {str(service.protocol), str(service.secure_protocol)}
    known = {"mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms"}
    return str(service.host) if protocols & known else ""
