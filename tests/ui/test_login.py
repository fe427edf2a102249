"""Who gets in."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from eqho.security import admission, allowed
from eqho.settings import Settings


def settings(*emails: str) -> Settings:
    return cast(Settings, SimpleNamespace(allowed_emails=emails))


def test_an_address_is_compared_without_case_and_blanks() -> None:
    assert allowed(" Founder@Eqho.example ", settings("founder@eqho.example"))
    assert not allowed("other@eqho.example", settings("founder@eqho.example"))


@pytest.mark.parametrize("email", [None, "", "anybody@gmail.com"])
def test_an_empty_list_admits_nobody(email: str | None) -> None:
    assert not allowed(email, settings())


@pytest.mark.parametrize(
    ("emails", "provider", "user", "answer"),
    [
        ((), False, None, "open"),
        (("a@b.c",), False, None, "no_provider"),
        (("a@b.c",), True, None, "login"),
        (("a@b.c",), True, {"email": "a@b.c"}, "admitted"),
        (("a@b.c",), True, {"email": "a@b.c", "email_verified": False}, "refused"),
        (("a@b.c",), True, {"email": "x@b.c"}, "refused"),
        (("a@b.c",), True, {}, "refused"),
        ((), True, {"email": "a@b.c"}, "refused"),
    ],
)
def test_admission(emails: tuple[str, ...], provider: bool, user: dict[str, Any] | None, answer: str) -> None:
    assert admission(settings(*emails), provider=provider, user=user) == answer
