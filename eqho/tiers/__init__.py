"""L1, L2, L3: one look-up with provenance and statistics."""

from eqho.tiers.provenance import Provenance, Served
from eqho.tiers.service import Tiers

__all__ = ["Provenance", "Served", "Tiers"]
