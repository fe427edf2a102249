"""What a setting's value must be: each check returns what to keep, or a ValueError says what is wrong."""

import re
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from eqho.money import known_currencies

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def account(value: str) -> str:
    if not re.fullmatch(r"acct_\w+", value):
        raise ValueError(f"is {value!r}")
    return value


def stripe_key(key: SecretStr) -> SecretStr:
    value = key.get_secret_value()
    if value.startswith("pk_"):
        raise ValueError("is a publishable key (pk_…), which cannot read anything")
    if not value.startswith(("sk_", "rk_")):
        raise ValueError("does not begin like a key of Stripe")
    return key


def mongodb_url(url: SecretStr) -> SecretStr:
    if not re.match(r"mongodb(\+srv)?://.", url.get_secret_value()):
        raise ValueError("does not begin with mongodb:// or mongodb+srv:// and a host")
    return url


def api_url(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http or https URL")
    if parts.username or parts.password:
        raise ValueError("carries a user name or password")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError(f"would send the key unencrypted to {parts.hostname}")
    return url.rstrip("/")


def rates(place: str) -> str:
    if place.lower() in ("off", "ecb"):
        return place.lower()
    if "://" in place:
        parts = _split(place)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is not an http or https URL")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise ValueError(f"would take rates unencrypted from {parts.hostname}")
        return place
    if not Path(place).is_file():
        raise ValueError(f"is {place!r}, which is no file")
    return place


def public_url(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http or https URL")
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def currency(code: str) -> str:
    if code.lower() not in known_currencies():
        raise ValueError(f"is {code!r}, which is no currency")
    return code.lower()


def timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"is {name!r}, which is no time zone") from None
    return name


def instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text) if _RFC3339.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"is {text!r}, which is no instant")
    return found


def notification_urls(text: SecretStr) -> SecretStr:
    for entry in split_urls(text.get_secret_value()):
        if not re.match(r"(amounts=)?[A-Za-z0-9]+://.", entry):
            raise ValueError("holds something that is no notification URL")
    return text


def split_urls(text: str) -> list[str]:
    """Several URLs, each perhaps with `amounts=` before it, between commas, blanks or line ends; a comma
    inside a URL belongs to it."""
    return re.split(r"[\s,]+(?=(?:amounts=)?[A-Za-z0-9]+://)", text.strip(" ,\n\t"))


def addresses(text: str) -> tuple[str, ...]:
    found = tuple(address.strip() for address in text.split(",") if address.strip())
    wrong = next((address for address in found if not _ADDRESS.fullmatch(address)), None)
    if wrong:
        raise ValueError(f"holds {wrong!r}, which is no e-mail address")
    return found


def directory(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise ValueError(f"is {str(path)!r}, which is a file")
    return path
