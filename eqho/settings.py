"""Every setting: its name, default, meaning, what is allowed, and where its value came from.

The environment goes before `.env`, that before the `[settings]` table of `eqho.toml`. A blank value counts
as not set. No error and no page shows a secret.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic.config import JsonDict
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from eqho import setting_checks

Origin = Literal["environment", ".env", "eqho.toml", "default"]
SourceName = Literal["stripe", "supabase", "demo"]

_REVEALING = 12  # a secret shorter than this would be half told by its last four characters


class SettingsError(Exception):
    """A setting cannot be used. The message is one sentence: the name, what is wrong, what is allowed."""


class Provenance(NamedTuple):
    """One row of the settings table; `value` is fit to be shown."""

    name: str
    value: str
    origin: Origin
    help: str


def _setting(
    name: str, default: Any, help_: str, allowed: str, *, ge: int | None = None, le: int | None = None
) -> Any:
    extra: JsonDict = {"allowed": allowed}
    return Field(default, validation_alias=name, description=help_, json_schema_extra=extra, ge=ge, le=le)


_ADDRESS_OF_API = "an https URL, or http on this machine (http://127.0.0.1:…)"


class Settings(BaseSettings):
    """Made by `load_settings` only. Attributes are the settings' names without their prefix."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")
    _origins: Mapping[str, Origin] = PrivateAttr(default_factory=dict)

    stripe_secret_key: Annotated[SecretStr, AfterValidator(setting_checks.stripe_key)] | None = _setting(
        "STRIPE_SECRET_KEY",
        None,
        "The key with which Stripe is read; a restricted, read-only one is enough.",
        "a restricted key (rk_…) or a secret key (sk_…)",
    )
    stripe_api_base: Annotated[str, AfterValidator(setting_checks.api_url)] | None = _setting(
        "STRIPE_API_BASE", None, "Where Stripe's API answers, if not at Stripe.", _ADDRESS_OF_API
    )
    stripe_webhook_secret: SecretStr | None = _setting(
        "STRIPE_WEBHOOK_SECRET",
        None,
        "The signing secret of the webhook endpoint; without it no webhook is accepted.",
        "the endpoint's signing secret (whsec_…)",
    )
    mongodb_url: Annotated[SecretStr, AfterValidator(setting_checks.mongodb_url)] | None = _setting(
        "MONGODB_URL",
        None,
        "The MongoDB that holds the history; without it a file in EQHO_DATA_DIR does.",
        "mongodb://host:port/… or mongodb+srv://host/…",
    )
    mongodb_database: str = _setting(
        "MONGODB_DATABASE", "eqho_metrics", "The database in that MongoDB.", "a database's name"
    )
    supabase_url: Annotated[str, AfterValidator(setting_checks.api_url)] | None = _setting(
        "SUPABASE_URL", None, "The Supabase project that mirrors Stripe.", _ADDRESS_OF_API
    )
    supabase_key: SecretStr | None = _setting(
        "SUPABASE_KEY",
        None,
        "A key of that project that may read the tables.",
        "a key of the Supabase project",
    )
    supabase_account: Annotated[str, AfterValidator(setting_checks.account)] | None = _setting(
        "SUPABASE_ACCOUNT",
        None,
        "The Stripe account to show where that project mirrors several.",
        "an account's id (acct_…)",
    )
    cache_ttl: int = _setting(
        "CACHE_TTL",
        300,
        "Seconds for which a number is served before it is refreshed.",
        "a whole number of seconds from 1 to 86400",
        ge=1,
        le=86_400,
    )
    chosen_source: Literal["auto", "stripe", "supabase", "demo"] = _setting(
        "EQHO_SOURCE",
        "auto",
        "Where the data comes from; auto takes Stripe, then Supabase, then demo data, by what is set.",
        "auto, stripe, supabase or demo",
    )
    timezone: Annotated[str, AfterValidator(setting_checks.timezone)] = _setting(
        "EQHO_TIMEZONE",
        "UTC",
        "The time zone whose days and months are counted.",
        "a name of the time zone database, such as UTC or America/Chicago",
    )
    currency: Annotated[str, AfterValidator(setting_checks.currency)] | None = _setting(
        "EQHO_CURRENCY",
        None,
        "The currency of the reports; without it the one of most MRR.",
        "a three-letter code, such as usd",
    )
    policy: Literal["eqho", "stripe"] = _setting(
        "EQHO_POLICY",
        "eqho",
        "The rules by which MRR is counted unless a page asks otherwise.",
        "eqho or stripe",
    )
    merge_gap_days: int = _setting(
        "EQHO_MERGE_GAP_DAYS",
        1,
        "Days without a subscription that are not counted as churn.",
        "a whole number of days from 0 to 31",
        ge=0,
        le=31,
    )
    sync_interval: int = _setting(
        "EQHO_SYNC_INTERVAL",
        900,
        "Seconds between two looks at the source.",
        "a whole number of seconds of 60 or more",
        ge=60,
    )
    api_token: SecretStr | None = _setting(
        "EQHO_API_TOKEN",
        None,
        "The bearer token of the JSON API; without it only this machine may ask.",
        "any text",
    )
    allowed_emails: Annotated[tuple[str, ...], NoDecode, BeforeValidator(setting_checks.addresses)] = (
        _setting(
            "EQHO_ALLOWED_EMAILS",
            "",
            "Who may see the dashboard after logging in.",
            "e-mail addresses separated by commas",
        )
    )
    data_dir: Annotated[Path, AfterValidator(setting_checks.directory)] = _setting(
        "EQHO_DATA_DIR", Path(".eqho"), "Where files are kept.", "a directory, which is made if it is missing"
    )
    alerts: Annotated[SecretStr, AfterValidator(setting_checks.notification_urls)] | None = _setting(
        "EQHO_ALERTS",
        None,
        "Where the digest and the alerts go; amounts only where amounts= stands before the URL.",
        "notification URLs of apprise separated by commas (slack://…, amounts=mailtos://…)",
    )
    fx: Annotated[str, AfterValidator(setting_checks.rates)] = _setting(
        "EQHO_FX",
        "off",
        "Where exchange rates are looked up once a day; what is entered goes before them.",
        "off, ecb, or an https URL or a file in the layout of the ECB's history",
    )
    public_url: Annotated[str, AfterValidator(setting_checks.public_url)] | None = _setting(
        "EQHO_PUBLIC_URL",
        None,
        "Where people reach the dashboard, if not on this machine: its name is answered to.",
        "an http or https URL, such as https://metrics.example.com",
    )
    now: Annotated[datetime, BeforeValidator(setting_checks.instant)] | None = _setting(
        "EQHO_NOW",
        None,
        "A clock that stands still, for tests and demos.",
        "an instant with its offset, such as 2026-11-22T12:00:00Z",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over: it must know the origin of each value."""
        return (init_settings,)

    @property
    def source(self) -> SourceName:
        if self.chosen_source != "auto":
            return self.chosen_source
        if self.stripe_secret_key is not None:
            return "stripe"
        return "supabase" if self.supabase_url is not None and self.supabase_key is not None else "demo"

    @property
    def may_fall_back(self) -> bool:
        """Whether Supabase may stand in for a Stripe that refuses its key."""
        both = self.supabase_url is not None and self.supabase_key is not None
        return self.chosen_source == "auto" and self.source == "stripe" and both

    def provenance(self) -> tuple[Provenance, ...]:
        """Every setting in the order of its definition."""
        return tuple(
            Provenance(
                name, _shown(name, getattr(self, attribute)), self._origins.get(name, "default"), help_
            )
            for attribute, (name, help_, _) in _described().items()
        )


def load_settings(root: Path | None = None) -> Settings:
    """Read all three places; `root` holds `.env` and `eqho.toml`, and a relative EQHO_DATA_DIR starts there.

    Raises SettingsError.
    """
    root = root or Path()
    places: tuple[tuple[Origin, Mapping[str, Any]], ...] = (
        ("eqho.toml", _from_toml(root / "eqho.toml")),
        (".env", _from_dotenv(root / ".env")),
        ("environment", EnvSettingsSource(Settings)()),
    )
    values: dict[str, str] = {}
    origins: dict[str, Origin] = {}
    names = [name for name, _, _ in _described().values()]
    for origin, found in places:
        for name in names:
            text = _text(found.get(name))
            if text:
                values[name], origins[name] = text, origin
    values["EQHO_DATA_DIR"] = str(root / Path(values.get("EQHO_DATA_DIR", ".eqho")).expanduser())
    try:
        settings = Settings(**values)  # type: ignore[arg-type]  # pydantic reads the texts
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    settings._origins = origins
    _require_credentials(settings)
    return settings


def reveal(secret: SecretStr | None) -> str | None:
    """The text behind a secret, for the one call that needs it."""
    return None if secret is None else secret.get_secret_value()


def _described() -> dict[str, tuple[str, str, str]]:
    """Attribute → name, help, what is allowed."""
    found = {}
    for attribute, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        found[attribute] = (str(field.validation_alias), field.description or "", str(extra["allowed"]))
    return found


def _from_toml(path: Path) -> Mapping[str, Any]:
    try:
        table = TomlConfigSettingsSource(Settings, toml_file=path).toml_data.get("settings", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read as TOML ({error}): mend or remove it.") from None
    names = [name for name, _, _ in _described().values()]
    if not isinstance(table, dict):
        raise SettingsError(f"{path.name}: settings is no table: write [settings] and the settings below it.")
    unknown = next((name for name in table if name not in names), None)
    if unknown:
        raise SettingsError(
            f"{path.name} has the unknown setting {unknown!r}: allowed are {', '.join(names)}."
        )
    return table


def _from_dotenv(path: Path) -> Mapping[str, Any]:
    try:
        return DotEnvSettingsSource(Settings, env_file=path)()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path.name} cannot be read: it must be a readable UTF-8 text file.") from None


def _text(value: Any) -> str:
    """TOML has numbers, instants and lists; the environment only text."""
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value).strip()


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    allowed = next(allowed for known, _, allowed in _described().values() if known == name)
    reason = first.get("ctx", {}).get("error")
    wrong = str(reason) if isinstance(reason, ValueError) else f"is {first['input']!r}"
    return f"{name} {wrong}: allowed is {allowed}."


def _require_credentials(settings: Settings) -> None:
    needed: dict[str, dict[str, object]] = {
        "stripe": {"STRIPE_SECRET_KEY": settings.stripe_secret_key},
        "supabase": {"SUPABASE_URL": settings.supabase_url, "SUPABASE_KEY": settings.supabase_key},
    }
    for name, value in needed.get(settings.chosen_source, {}).items():
        if value is None:
            raise SettingsError(
                f"EQHO_SOURCE is {settings.chosen_source!r} but {name} is not set: "
                f"set it, or choose auto or demo."
            )


def _shown(name: str, value: Any) -> str:
    if value is None or value == ():
        return "not set"
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        if name == "EQHO_ALERTS":
            count = len(setting_checks.split_urls(secret))
            return f"set, {count} destination{'s' if count > 1 else ''}"
        if name == "MONGODB_URL":
            return f"set, on {re.split('[/?]', secret.split('://', 1)[1].rpartition('@')[2])[0]}"
        return f"set, ends …{secret[-4:]}" if len(secret) >= _REVEALING else "set"
    if isinstance(value, tuple):
        return ", ".join(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
