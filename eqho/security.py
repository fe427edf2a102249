"""Who may see the dashboard."""

from collections.abc import Mapping
from typing import Any, Literal

from eqho.settings import Settings

Admission = Literal["open", "admitted", "login", "refused", "no_provider"]


def allowed(email: str | None, settings: Settings) -> bool:
    """Whether the owner of a verified e-mail address may see the figures.

    An empty `EQHO_ALLOWED_EMAILS` admits nobody: a login provider such as Google vouches for every
    account in the world, not for this company's.
    """
    return bool(email) and _folded(email or "") in {_folded(entry) for entry in settings.allowed_emails}


def admission(settings: Settings, *, provider: bool, user: Mapping[str, Any] | None) -> Admission:
    """What the shell does with a visitor: `user` holds the claims of the login, None before it.

    `open`: no login is asked for. `no_provider`: addresses are listed, but there is nothing to log in with.
    """
    if not provider:
        return "no_provider" if settings.allowed_emails else "open"
    if user is None:
        return "login"
    verified = user.get("email_verified", True) is True
    return "admitted" if verified and allowed(user.get("email"), settings) else "refused"


def _folded(email: str) -> str:
    """Without case where that is unambiguous: beyond ASCII, other letters fold into the same ones."""
    email = email.strip()
    return email.lower() if email.isascii() else email
