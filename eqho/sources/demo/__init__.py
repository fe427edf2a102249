"""A deterministic company generated as Stripe objects: what is shown where no source is configured."""

from eqho.sources.demo.company import build_company
from eqho.sources.demo.source import DemoSource

__all__ = ["DemoSource", "build_company"]
