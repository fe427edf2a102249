"""Product lines: which line an item belongs to, and what a wrong configuration is told."""

from decimal import Decimal
from pathlib import Path

import pytest

from eqho.billing.objects import Customer, Product
from eqho.products import ConfigurationError, ProductLines, UnknownProduct, load, parse

ROOT = Path(__file__).resolve().parent.parent
LINES = """
[[product_lines]]
key = "towpilot"
name = "TowPilot"
words = ["tow"]
products = ["prod_dispatch"]
prices = ["price_seat"]

[[product_lines]]
key = "fleetdesk"
name = "FleetDesk"
words = ["fleet"]
"""
EXCLUSIONS = """
[exclusions]
email_domains = ["eqho.com", "@Test.Eqho.com"]
customers = ["cus_house"]

[exclusions.metadata]
internal = "true"
kind = ["demo", "staff"]
"""
SHIPPED = load(ROOT / "eqho.toml")
BOTH = parse(LINES + EXCLUSIONS, "eqho.toml")


def product(name: str, product_id: str = "prod_1", **metadata: str) -> Product:
    return Product(product_id, name, metadata=metadata)


def customer(email: str = "", customer_id: str = "cus_1", **metadata: str) -> Customer:
    return Customer(customer_id, 0, email=email, metadata=metadata)


@pytest.mark.parametrize(
    ("price", "sold", "buyer", "line"),
    [
        # A listed price or product goes before everything else.
        ("price_seat", product("FleetDesk", product_line="fleetdesk"), None, "towpilot"),
        ("price_1", product("Dispatch", "prod_dispatch"), None, "towpilot"),
        # Metadata goes before the name, whatever the case, by key or by name.
        ("price_1", product("Tow Yard", product_line="fleetdesk"), None, "fleetdesk"),
        ("price_1", product("Yard", product_line=" TOWPILOT "), None, "towpilot"),
        ("price_1", product("Yard", product_line="FleetDesk"), None, "fleetdesk"),
        ("price_1", product("Tow Yard", product_line="drones"), None, "other"),
        # A word anywhere in the name, whatever the case.
        ("price_1", product("TowPilot Heavy Duty"), None, "towpilot"),
        ("price_1", product("Heavy TOWING"), None, "towpilot"),
        ("price_1", product("Fleet for tow yards"), None, "towpilot"),
        ("price_1", product("Fleet Desk"), customer(tag="tow"), "fleetdesk"),
        # The customer's tags only where the product says nothing.
        ("price_1", product("Concierge"), customer(tag="tow"), "towpilot"),
        ("price_1", product("Concierge"), customer(tags="vip, fleetdesk"), "fleetdesk"),
        ("price_1", product("Concierge"), customer(tags="vip,towing-2024"), "towpilot"),
        ("price_1", product("Concierge"), customer(tag="drones"), "other"),
        ("price_1", product("Concierge"), customer(tags="vip"), "unmapped"),
        ("price_1", None, customer(tag="tow"), "towpilot"),
        # Nothing matched is never everything.
        ("price_1", product("Concierge"), customer(), "unmapped"),
        ("price_1", product("Concierge", product_line=" "), None, "unmapped"),
        ("price_1", None, None, "unmapped"),
        (None, None, None, "unmapped"),
    ],
)
def test_the_line_of_an_item(
    price: str | None, sold: Product | None, buyer: Customer | None, line: str
) -> None:
    assert BOTH.classify(price, sold, buyer) == line


@pytest.mark.parametrize(
    ("buyer", "excluded"),
    [
        (customer("ann@eqho.com"), True),
        (customer("ann@EQHO.com "), True),
        (customer("qa@test.eqho.com"), True),
        (customer("ann@noteqho.com"), False),
        (customer("ann@eqho.com.example.org"), False),
        (customer("", "cus_house"), True),
        (customer(internal="true"), True),
        (customer(internal="false"), False),
        (customer(kind="staff"), True),
        (customer(kind="customer"), False),
        (customer(), False),
    ],
)
def test_internal_accounts_are_excluded(buyer: Customer, excluded: bool) -> None:
    assert BOTH.excluded(buyer) is excluded


def test_shipped_lines_and_towpilots_tiers() -> None:
    assert SHIPPED.keys == ("towpilot", "fleetdesk", "roadcall", "other", "unmapped")
    assert SHIPPED.slugs == ("towpilot", "all-products", "fleetdesk", "roadcall", "other", "unmapped")
    assert [line.key for line in SHIPPED.configured] == ["towpilot", "fleetdesk", "roadcall"]
    assert SHIPPED.line("towpilot").name == "TowPilot"
    assert SHIPPED.line("unmapped").name == "Unmapped"
    assert [(tier.name, tier.floor) for tier in SHIPPED.tiers("towpilot")] == [
        ("Heavy Duty", Decimal(1000)),
        ("Medium Duty", Decimal(500)),
        ("Standard", Decimal(400)),
        ("Basic/Light", Decimal(300)),
        ("Other/Custom", Decimal(0)),
    ]
    assert SHIPPED.tiers("all-products") == ()
    assert SHIPPED.tiers("roadcall") == ()
    assert SHIPPED.classify(None, product("RoadCall Messages"), None) == "roadcall"
    assert SHIPPED.excluded(customer(internal="true"))


@pytest.mark.parametrize(
    ("slug", "canonical"),
    [
        ("towpilot", "towpilot"),
        ("TowPilot", "towpilot"),
        ("all_products", "all-products"),
        ("all-products", "all-products"),
        ("unmapped", "unmapped"),
    ],
)
def test_slugs_resolve(slug: str, canonical: str) -> None:
    assert SHIPPED.resolve(slug) == canonical


def test_an_unknown_product_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownProduct) as unknown:
        BOTH.resolve("drones")
    assert str(unknown.value) == (
        "There is no product 'drones'; the products are towpilot, all-products, fleetdesk, other, unmapped."
    )


def test_tiers_are_kept_from_the_highest_down() -> None:
    tiers = "\n".join(
        f'[[product_lines.tiers]]\nname = "{name}"\nfrom = {floor}\n'
        for name, floor in (("Low", 0), ("High", 99.5), ("Middle", 10))
    )
    lines = parse(f'[[product_lines]]\nkey = "towpilot"\nname = "T"\n{tiers}', "eqho.toml")
    assert [(t.name, t.floor) for t in lines.tiers("towpilot")] == [
        ("High", Decimal("99.5")),
        ("Middle", Decimal(10)),
        ("Low", Decimal(0)),
    ]


TIER = '\n[[product_lines.tiers]]\nname = "{}"\nfrom = {}\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            LINES.replace("words", "wordz", 1),
            "eqho.toml has the unknown key 'wordz' in [[product_lines]]: allowed are "
            "key, name, words, products, prices, tiers.",
        ),
        (
            LINES + "[product]\n",
            "eqho.toml has the unknown key 'product' in the top level: allowed are "
            "product_lines, exclusions.",
        ),
        (
            LINES + '[exclusions]\nemails = ["x"]\n',
            "eqho.toml has the unknown key 'emails' in [exclusions]: allowed are "
            "email_domains, customers, metadata.",
        ),
        (
            LINES + TIER.format("A", 0).replace("from", "above"),
            "eqho.toml has the unknown key 'above' in [[product_lines.tiers]]: allowed are name, from.",
        ),
        (
            LINES.replace('"towpilot"', '"tow"'),
            "eqho.toml has no product line 'towpilot': one of [[product_lines]] must have this key.",
        ),
        (LINES + LINES, "eqho.toml has the product line 'towpilot' twice: keys must differ."),
        (
            LINES.replace('"fleetdesk"', '"Fleet Desk"'),
            "eqho.toml: product line 'Fleet Desk' cannot be called so: a key is lower-case letters, digits "
            "and hyphens, and none of all-products, other, unmapped.",
        ),
        (
            LINES.replace('"fleetdesk"', '"other"'),
            "eqho.toml: product line 'other' cannot be called so: a key is lower-case letters, digits and "
            "hyphens, and none of all-products, other, unmapped.",
        ),
        (
            LINES.replace('["fleet"]', '["fleet", " "]'),
            "eqho.toml: product line 'fleetdesk' has an empty word, which every name contains: give words "
            "of a letter or more.",
        ),
        (
            LINES + TIER.format("A", 10),
            "eqho.toml: product line 'fleetdesk' has tiers that leave out or repeat an amount: each needs "
            "its own 'from', the lowest 0.",
        ),
        (
            LINES + TIER.format("A", 0) + TIER.format("B", 0),
            "eqho.toml: product line 'fleetdesk' has tiers that leave out or repeat an amount: each needs "
            "its own 'from', the lowest 0.",
        ),
        (
            LINES.replace('["fleet"]', '"fleet"'),
            "eqho.toml: Expected `array`, got `str` - at `product_lines[1].words`.",
        ),
        (
            LINES.replace('name = "FleetDesk"', ""),
            "eqho.toml: Object missing required field `name` - at `product_lines[1]`.",
        ),
        ("product_lines = [", "eqho.toml is not TOML: Invalid value (at end of document)."),
    ],
)
def test_a_wrong_configuration_is_told_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(text, "eqho.toml")
    assert str(refused.value) == sentence


def test_a_settings_table_is_not_the_products_business() -> None:
    assert isinstance(parse(LINES + "[settings]\nCACHE_TTL = 5\n", "eqho.toml"), ProductLines)


def test_a_missing_or_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^eqho\.toml is missing: it must hold \[\[product_lines\]\]"
    ):
        load(tmp_path / "eqho.toml")
    (tmp_path / "eqho.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"^eqho\.toml cannot be read"):
        load(tmp_path / "eqho.toml")
