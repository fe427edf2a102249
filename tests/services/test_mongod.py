"""A missing server is told in one line, and is a failure where every service has been promised."""

import pytest

from tests.services.mongod import missing


def test_a_missing_service_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EQHO_REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^mongod is missing: install it$"):
        missing("mongod", "install it")


def test_a_missing_service_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQHO_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match=r"^mongod is missing: install it$"):
        missing("mongod", "install it")
