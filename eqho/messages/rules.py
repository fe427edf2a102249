"""What is worth an alert: the table [alerts] of eqho.toml."""

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from eqho.products import ConfigurationError

_QUIET = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")


class QuietHours(NamedTuple):
    """From `begin` to `end` of the reporting zone, over midnight where `end` is the earlier one."""

    begin: time
    end: time

    def cover(self, now: time) -> bool:
        if self.begin <= self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Amounts in major units of the reporting currency; None: no such alert."""

    stale_minutes: int | None = 60
    failed_sync: bool = True
    goal_missed: bool = True
    mrr_change: float | None = None
    """Change of MRR within a day, up or down."""
    lost_mrr: float | None = None
    """MRR that one customer takes away within a day, by leaving or by paying less."""
    payment_failed: float | None = None
    """Amount of an invoice whose payment failed."""
    quiet_hours: str = "22:00-07:00"
    """Of the reporting zone; "" for none."""

    @property
    def quiet(self) -> QuietHours | None:
        if not self.quiet_hours.strip():
            return None
        found = _QUIET.fullmatch(self.quiet_hours.strip())
        if found is None:
            raise ValueError(f"quiet_hours are like 22:00-07:00, not {self.quiet_hours!r}")
        hours = [int(each) for each in found.groups()]
        return QuietHours(time(hours[0], hours[1]), time(hours[2], hours[3]))


def load_rules(path: Path) -> Rules:
    """The table [alerts] of a file that `products.load` has read. Raises ConfigurationError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("alerts", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path.name} cannot be read ({error}).") from None
    return parse_rules(table, path.name)


def parse_rules(table: Any, name: str) -> Rules:
    """`name` is what errors call the file."""
    try:
        rules = msgspec.convert(table, Rules)
        _ = rules.quiet
    except (msgspec.ValidationError, ValueError) as error:
        said = str(error).replace("Object ", "it ").rstrip(".")
        raise ConfigurationError(
            f"{name}, [alerts]: {said}; allowed are {', '.join(Rules.__struct_fields__)}."
        ) from None
    for field in ("stale_minutes", "mrr_change", "lost_mrr", "payment_failed"):
        value = getattr(rules, field)
        if value is not None and not value > 0:
            raise ConfigurationError(
                f"{name}, [alerts]: {field} is {value}: it must be above 0, or left out for no such alert."
            )
    return rules
