"""Invented names of small towing, roadside and fleet companies."""

_STEMS = (
    """
Bluebird|Cedar Ridge|Iron Mule|Northgate|Redwood|Palmetto|Lone Pine|Gulf Breeze|Stonebridge|Harbor
Mesa Verde|Prairie|Copper Creek|Twin Rivers|Summit|Old Mill|Silver Fern|Big Sky|Lakeshore|Granite
Juniper|Sandpiper|Kestrel|Fox Hollow|Maple Street|Desert Star|Riverbend|High Plains|Coastal|Wildrose
Blackhawk|Crescent|Sawtooth|Magnolia|Ironwood|Pioneer|Evergreen|Bay Area|Cardinal|Timberline
""".strip()
    .replace("\n", "|")
    .split("|")
)

_KINDS = (
    "Towing",
    "Recovery",
    "Roadside Assist",
    "Auto Transport",
    "Wrecker Service",
    "Fleet Services",
    "Haulage",
    "Rescue & Recovery",
    "Motor Club",
)


def company_name(index: int) -> str:
    """Different for each of the first 360 indexes."""
    return f"{_STEMS[index % len(_STEMS)]} {_KINDS[index % len(_KINDS)]}"


def company_email(name: str) -> str:
    slug = "".join(letter for letter in name.lower() if letter.isalnum())
    return f"billing@{slug}.example"
