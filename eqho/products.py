"""Product lines, pricing tiers and exclusions: from `eqho.toml` to the classification of what is sold.

An item belongs to the first line that claims it, in this order: its price or product is listed; the
product's metadata `product_line` names the line; the product's name contains one of its words; the
customer's metadata `tag` or `tags` contain one. What names a line that is not configured is `other`, what
names none is `unmapped`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import msgspec

ALL = "all-products"
TOWPILOT = "towpilot"
OTHER = "other"
UNMAPPED = "unmapped"

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ConfigurationError(Exception):
    """The configuration cannot be used. The message is one sentence: what is wrong, what is allowed."""


class UnknownProduct(LookupError):
    """No product has this name. The message is one sentence that names the known ones."""


class Sold(Protocol):
    """What the classification reads of a product."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...


class Buyer(Protocol):
    """What the classification reads of a customer."""

    @property
    def id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...


class PricingTier(msgspec.Struct, frozen=True, rename={"floor": "from"}):
    """Customers whose MRR is at least `floor` (major units a month) and below the next tier's."""

    name: str
    floor: Decimal


class ProductLine(msgspec.Struct, frozen=True):
    """`tiers` from the highest down; the last one starts at 0."""

    key: str
    name: str
    words: tuple[str, ...] = ()
    products: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()
    tiers: tuple[PricingTier, ...] = ()

    def is_named(self, text: str) -> bool:
        """Whether a person who wrote `text` meant this line by its key or name."""
        return text.strip().casefold() in (self.key, self.name.casefold())

    def has_word_in(self, text: str) -> bool:
        return any(word.casefold() in text.casefold() for word in self.words)


class Exclusions(msgspec.Struct, frozen=True):
    """Internal accounts. `metadata` is key → the values that mark an account."""

    email_domains: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    metadata: Mapping[str, str | tuple[str, ...]] = {}


class Configuration(msgspec.Struct, frozen=True):
    """`eqho.toml` without its `[settings]` table."""

    product_lines: tuple[ProductLine, ...] = ()
    exclusions: Exclusions = Exclusions()


class ProductLines:
    """The configured lines in their order, and the two buckets that always exist."""

    def __init__(self, lines: Sequence[ProductLine], exclusions: Exclusions | None = None) -> None:
        self.configured = tuple(lines)
        self.exclusions = exclusions or Exclusions()
        buckets = (ProductLine(OTHER, "Other"), ProductLine(UNMAPPED, "Unmapped"))
        self._lines = {line.key: line for line in (*self.configured, *buckets)}

    @property
    def keys(self) -> tuple[str, ...]:
        """Configured lines, then `other` and `unmapped`: every item has exactly one of these."""
        return tuple(self._lines)

    @property
    def slugs(self) -> tuple[str, ...]:
        """The products one can ask for: every line, and all of them together."""
        return (TOWPILOT, ALL, *(key for key in self._lines if key != TOWPILOT))

    def line(self, key: str) -> ProductLine:
        """KeyError on a key that is not among `keys`."""
        return self._lines[key]

    def tiers(self, slug: str) -> tuple[PricingTier, ...]:
        """The pricing tiers of a line, highest first; all products together have none."""
        return () if slug == ALL else self._lines[slug].tiers

    def resolve(self, slug: str) -> str:
        """The canonical slug: `all_products` is `all-products`. Raises UnknownProduct."""
        canonical = slug.strip().lower().replace("_", "-")
        if canonical not in self.slugs:
            raise UnknownProduct(
                f"There is no product {slug[:40]!r}; the products are {', '.join(self.slugs)}."
            )
        return canonical

    def classify(self, price_id: str | None, product: Sold | None, customer: Buyer | None) -> str:
        """The key of the line to which an item belongs."""
        for line in self.configured:
            if price_id in line.prices or (product is not None and product.id in line.products):
                return line.key
        stated = product.metadata.get("product_line", "") if product is not None else ""
        if stated.strip():
            return next((line.key for line in self.configured if line.is_named(stated)), OTHER)
        if product is not None:
            for line in self.configured:
                if line.has_word_in(product.name):
                    return line.key
        return self._by_tags(customer.metadata) if customer is not None else UNMAPPED

    def _by_tags(self, metadata: Mapping[str, str]) -> str:
        """`tag` states a product; `tags` are labels of any kind, of which most name none."""
        tag, tags = metadata.get("tag", ""), metadata.get("tags", "")
        for line in self.configured:
            if any(line.is_named(label) for label in re.split(r"[,;]", f"{tag},{tags}")):
                return line.key
        for line in self.configured:
            if line.has_word_in(tag) or line.has_word_in(tags):
                return line.key
        return OTHER if tag.strip() else UNMAPPED

    def excluded(self, customer: Buyer) -> bool:
        """Whether this is an internal account, whose items count nowhere."""
        domain = customer.email.rpartition("@")[2].strip().casefold()
        return (
            customer.id in self.exclusions.customers
            or domain in self.exclusions.email_domains
            or any(
                customer.metadata.get(key) in ((values,) if isinstance(values, str) else values)
                for key, values in self.exclusions.metadata.items()
            )
        )


def load(path: Path) -> ProductLines:
    """Read `eqho.toml`. Raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path.name} is missing: it must hold [[product_lines]], one of them with the key {TOWPILOT!r}."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"{path.name} cannot be read: it must be a readable UTF-8 text file."
        ) from None
    return parse(text, path.name)


def parse(text: str, name: str) -> ProductLines:
    """The same from text; `name` is what errors call it."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name} is not TOML: {error}.") from None
    for others in ("settings", "alerts"):
        table.pop(others, None)
    _refuse_unknown_keys(table, name)
    try:
        configuration = msgspec.convert(table, Configuration)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name}: {str(error).replace('$.', '')}.") from None
    lines = tuple(_checked(line, name) for line in configuration.product_lines)
    keys = [line.key for line in lines]
    if TOWPILOT not in keys:
        raise ConfigurationError(
            f"{name} has no product line {TOWPILOT!r}: one of [[product_lines]] must have this key."
        )
    repeated = next((key for key in keys if keys.count(key) > 1), None)
    if repeated:
        raise ConfigurationError(f"{name} has the product line {repeated!r} twice: keys must differ.")
    return ProductLines(lines, _folded(configuration.exclusions))


def _refuse_unknown_keys(table: Mapping[str, Any], name: str) -> None:
    levels: list[tuple[str, Any, type[msgspec.Struct]]] = [
        ("the top level", table, Configuration),
        ("[exclusions]", table.get("exclusions"), Exclusions),
    ]
    for line in _tables(table.get("product_lines")):
        levels.append(("[[product_lines]]", line, ProductLine))
        levels.extend(("[[product_lines.tiers]]", tier, PricingTier) for tier in _tables(line.get("tiers")))
    for place, found, struct in levels:
        allowed = [field.encode_name for field in msgspec.structs.fields(struct)]
        unknown = [key for key in found if key not in allowed] if isinstance(found, dict) else []
        if unknown:
            raise ConfigurationError(
                f"{name} has the unknown key {unknown[0]!r} in {place}: allowed are {', '.join(allowed)}."
            )


def _tables(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _checked(line: ProductLine, name: str) -> ProductLine:
    """The line with its tiers from the highest down."""
    where = f"{name}: product line {line.key!r}"
    if not _KEY.fullmatch(line.key) or line.key in (ALL, OTHER, UNMAPPED):
        raise ConfigurationError(
            f"{where} cannot be called so: a key is lower-case letters, digits and hyphens, "
            f"and none of {ALL}, {OTHER}, {UNMAPPED}."
        )
    if not all(word.strip() for word in line.words):
        raise ConfigurationError(
            f"{where} has an empty word, which every name contains: give words of a letter or more."
        )
    floors = [tier.floor for tier in line.tiers]
    if line.tiers and (min(floors) != 0 or len(set(floors)) != len(floors)):
        raise ConfigurationError(
            f"{where} has tiers that leave out or repeat an amount: each needs its own 'from', the lowest 0."
        )
    return msgspec.structs.replace(line, tiers=tuple(sorted(line.tiers, key=lambda t: -t.floor)))


def _folded(exclusions: Exclusions) -> Exclusions:
    domains = frozenset(domain.strip().lstrip("@").casefold() for domain in exclusions.email_domains)
    return msgspec.structs.replace(exclusions, email_domains=domains - {""})
