"""The tiers' fixtures, here as well."""

from tests.tiers.conftest import clock, source, store, tiers

__all__ = ["clock", "source", "store", "tiers"]
