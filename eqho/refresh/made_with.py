"""With what a build was made: the program, the product lines and the settings by which it counts."""

import hashlib

import msgspec

from eqho.products import ProductLines
from eqho.refresh.stored_parts import made_by


def made_with(lines: ProductLines, *settings: str | int | None) -> str:
    """Builds of one mirror with the same mark tell the same."""
    said = (made_by(), lines.configured, lines.exclusions, settings)
    return hashlib.blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=16).hexdigest()
