"""Settings: precedence, one-sentence refusals, and nothing secret on screen."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eqho.clock import Clock
from eqho.settings import SettingsError, load_settings, reveal

ROOT = Path(__file__).resolve().parent.parent
NAMES = [
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRET",
    "MONGODB_URL",
    "MONGODB_DATABASE",
    "SUPABASE_URL",
    "SUPABASE_KEY",
    "SUPABASE_ACCOUNT",
    "CACHE_TTL",
    "EQHO_SOURCE",
    "EQHO_TIMEZONE",
    "EQHO_CURRENCY",
    "EQHO_POLICY",
    "EQHO_MERGE_GAP_DAYS",
    "EQHO_SYNC_INTERVAL",
    "EQHO_API_TOKEN",
    "EQHO_ALLOWED_EMAILS",
    "EQHO_DATA_DIR",
    "EQHO_ALERTS",
    "EQHO_FX",
    "EQHO_PUBLIC_URL",
    "EQHO_NOW",
]
KEY = "rk_test_" + "planted" + "1234"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def refusal(root: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(root)
    return str(refused.value)


def test_without_anything_set_it_is_the_demo_with_the_documented_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.source == "demo"
    assert (settings.cache_ttl, settings.sync_interval, settings.merge_gap_days) == (300, 900, 1)
    assert (settings.timezone, settings.currency, settings.policy) == ("UTC", None, "eqho")
    assert (settings.mongodb_url, settings.mongodb_database) == (None, "eqho_metrics")
    assert (settings.allowed_emails, settings.now) == ((), None)
    assert settings.data_dir == tmp_path / ".eqho"


def test_the_environment_goes_before_dotenv_and_that_before_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = "[settings]\nCACHE_TTL = 10\nEQHO_SYNC_INTERVAL = 70\nEQHO_MERGE_GAP_DAYS = 7\n"
    (tmp_path / "eqho.toml").write_text(toml)
    (tmp_path / ".env").write_text("CACHE_TTL=20\nEQHO_SYNC_INTERVAL=80\n")
    monkeypatch.setenv("CACHE_TTL", "30")
    settings = load_settings(tmp_path)
    assert (settings.cache_ttl, settings.sync_interval, settings.merge_gap_days) == (30, 80, 7)
    origins = {row.name: row.origin for row in settings.provenance()}
    assert origins["CACHE_TTL"] == "environment"
    assert origins["EQHO_SYNC_INTERVAL"] == ".env"
    assert origins["EQHO_MERGE_GAP_DAYS"] == "eqho.toml"
    assert origins["EQHO_POLICY"] == "default"


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_value_counts_as_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    (tmp_path / ".env").write_text("CACHE_TTL=20\n")
    monkeypatch.setenv("CACHE_TTL", blank)
    monkeypatch.setenv("STRIPE_SECRET_KEY", blank)
    settings = load_settings(tmp_path)
    assert settings.cache_ttl == 20
    assert settings.source == "demo"


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ({"STRIPE_SECRET_KEY": KEY, "SUPABASE_URL": "https://x.co", "SUPABASE_KEY": "k"}, "stripe"),
        ({"SUPABASE_URL": "https://x.co", "SUPABASE_KEY": "k"}, "supabase"),
        ({"SUPABASE_URL": "https://x.co"}, "demo"),
        ({"STRIPE_SECRET_KEY": KEY, "EQHO_SOURCE": "demo"}, "demo"),
    ],
)
def test_auto_takes_stripe_then_supabase_then_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], source: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert load_settings(tmp_path).source == source


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CACHE_TTL", "soon", "CACHE_TTL is 'soon': allowed is a whole number of seconds from 1 to 86400."),
        ("CACHE_TTL", "0", "CACHE_TTL is '0': allowed is a whole number of seconds from 1 to 86400."),
        ("CACHE_TTL", "86401", "CACHE_TTL is '86401': allowed is a whole number of seconds from 1 to 86400."),
        (
            "EQHO_SYNC_INTERVAL",
            "59",
            "EQHO_SYNC_INTERVAL is '59': allowed is a whole number of seconds of 60 or more.",
        ),
        (
            "EQHO_MERGE_GAP_DAYS",
            "32",
            "EQHO_MERGE_GAP_DAYS is '32': allowed is a whole number of days from 0 to 31.",
        ),
        ("EQHO_POLICY", "ours", "EQHO_POLICY is 'ours': allowed is eqho or stripe."),
        ("EQHO_SOURCE", "files", "EQHO_SOURCE is 'files': allowed is auto, stripe, supabase or demo."),
        (
            "EQHO_TIMEZONE",
            "Mars/Base",
            "EQHO_TIMEZONE is 'Mars/Base', which is no time zone: allowed is a name of the time zone "
            "database, such as UTC or America/Chicago.",
        ),
        (
            "EQHO_CURRENCY",
            "us$",
            "EQHO_CURRENCY is 'us$', which is no currency: allowed is a three-letter code, such as usd.",
        ),
        (
            "EQHO_NOW",
            "2026-11-22T12:00:00",
            "EQHO_NOW is '2026-11-22T12:00:00', which is no instant: allowed is an "
            "instant with its offset, such as 2026-11-22T12:00:00Z.",
        ),
        (
            "EQHO_NOW",
            "2026-13-22T12:00:00Z",
            "EQHO_NOW is '2026-13-22T12:00:00Z', which is no instant: allowed is an "
            "instant with its offset, such as 2026-11-22T12:00:00Z.",
        ),
        (
            "EQHO_ALLOWED_EMAILS",
            "ann@x.co, bob",
            "EQHO_ALLOWED_EMAILS holds 'bob', which is no e-mail address: allowed is e-mail addresses "
            "separated by commas.",
        ),
        (
            "STRIPE_API_BASE",
            "http://stripe.example.com",
            "STRIPE_API_BASE would send the key unencrypted to stripe.example.com: allowed is an https URL, "
            "or http on this machine (http://127.0.0.1:…).",
        ),
        (
            "STRIPE_API_BASE",
            "localhost:9000",
            "STRIPE_API_BASE is not an http or https URL: allowed is an https URL, or http on this machine "
            "(http://127.0.0.1:…).",
        ),
        (
            "STRIPE_SECRET_KEY",
            "pk_test_secretpart",
            "STRIPE_SECRET_KEY is a publishable key (pk_…), which cannot read anything: allowed is a "
            "restricted key (rk_…) or a secret key (sk_…).",
        ),
        (
            "STRIPE_SECRET_KEY",
            "secretpart",
            "STRIPE_SECRET_KEY does not begin like a key of Stripe: allowed is a restricted key (rk_…) or a "
            "secret key (sk_…).",
        ),
        (
            "MONGODB_URL",
            "postgres://u:secretpart@h",
            "MONGODB_URL does not begin with mongodb:// or mongodb+srv:// and a host: allowed is "
            "mongodb://host:port/… or mongodb+srv://host/….",
        ),
        (
            "EQHO_SOURCE",
            "stripe",
            "EQHO_SOURCE is 'stripe' but STRIPE_SECRET_KEY is not set: set it, or choose auto or demo.",
        ),
    ],
)
def test_a_bad_value_stops_with_the_name_what_is_wrong_and_what_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    said = refusal(tmp_path)
    assert said == sentence
    assert "secretpart" not in said


def test_loopback_may_be_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("http://127.0.0.1:9000", "http://localhost:9000/", "http://[::1]:9000", "https://api.x.co"):
        monkeypatch.setenv("STRIPE_API_BASE", url)
        assert load_settings(tmp_path).stripe_api_base == url.rstrip("/")


def test_values_are_read_into_their_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQHO_NOW", "2026-11-22T13:00:00+01:00")
    monkeypatch.setenv("EQHO_CURRENCY", "EUR")
    monkeypatch.setenv("EQHO_ALLOWED_EMAILS", "ann@x.co, bob@x.co,")
    monkeypatch.setenv("EQHO_DATA_DIR", "kept")
    settings = load_settings(tmp_path)
    assert settings.now == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert settings.currency == "eur"
    assert settings.allowed_emails == ("ann@x.co", "bob@x.co")
    assert settings.data_dir == tmp_path / "kept"
    clock = Clock(settings.now)
    assert (clock.now(), clock.is_fixed) == (1_795_348_800, True)
    assert not Clock().is_fixed


def test_toml_may_use_its_own_types_for_the_same_names(tmp_path: Path) -> None:
    (tmp_path / "eqho.toml").write_text(
        "[settings]\nCACHE_TTL = 60\nEQHO_NOW = 2026-11-22T12:00:00Z\n"
        "EQHO_ALLOWED_EMAILS = ['a@x.co', 'b@x.co']\n"
    )
    settings = load_settings(tmp_path)
    assert settings.cache_ttl == 60
    assert settings.now == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert settings.allowed_emails == ("a@x.co", "b@x.co")


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("[settings]\ncache_ttl = 1\n", "eqho.toml has the unknown setting 'cache_ttl': allowed are STRIPE_"),
        ("settings = 3\n", "eqho.toml: settings is no table: write [settings]"),
        ("[settings\n", "eqho.toml cannot be read as TOML ("),
        ("[settings]\nCACHE_TTL = true\n", "CACHE_TTL is 'True': allowed is a whole number"),
    ],
)
def test_a_wrong_settings_table_is_refused(tmp_path: Path, text: str, beginning: str) -> None:
    (tmp_path / "eqho.toml").write_text(text)
    assert refusal(tmp_path).startswith(beginning)


def test_secrets_appear_nowhere_but_where_they_are_revealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": "short",
        "MONGODB_URL": "mongodb://ann:planted@db.local:27017/eqho?authSource=admin",
        "SUPABASE_KEY": "planted-and-long-enough-wxyz",
        "EQHO_API_TOKEN": "planted-token-90ab",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(tmp_path)
    shown = {row.name: row.value for row in settings.provenance()}
    assert shown["STRIPE_SECRET_KEY"] == "set, ends …1234"
    assert shown["STRIPE_WEBHOOK_SECRET"] == "set"
    assert shown["MONGODB_URL"] == "set, on db.local:27017"
    assert shown["SUPABASE_KEY"] == "set, ends …wxyz"
    assert shown["EQHO_API_TOKEN"] == "set, ends …90ab"
    assert shown["SUPABASE_URL"] == "not set"
    for text in (repr(settings), str(settings.model_dump()), str(settings.provenance())):
        assert "planted" not in text
        assert "short" not in text
    assert reveal(settings.stripe_secret_key) == KEY
    assert reveal(settings.supabase_key) == "planted-and-long-enough-wxyz"
    assert reveal(None) is None


def test_settings_do_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(tmp_path).cache_ttl = 5  # type: ignore[misc]


def test_every_setting_is_explained_and_stands_in_the_example_file(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text()
    assert re.findall(r"^# .+\n([A-Z_]+)=", text, re.MULTILINE) == NAMES
    (tmp_path / ".env").write_text(text)
    from_example = load_settings(tmp_path)
    assert [row.name for row in from_example.provenance()] == NAMES
    assert from_example.model_dump() == load_settings(tmp_path.parent).model_dump() | {
        "data_dir": tmp_path / ".eqho"
    }
    assert all(row.help.endswith(".") for row in from_example.provenance())


def test_the_shipped_configuration_changes_no_setting(tmp_path: Path) -> None:
    (tmp_path / "eqho.toml").write_text((ROOT / "eqho.toml").read_text())
    assert {row.origin for row in load_settings(tmp_path).provenance()} == {"default"}
