"""L1, L2, L3: one look-up with provenance, statistics and refresh."""

from eqho.tiers.provenance import BadArgument, NoBuild, Provenance, RefreshFailed, Served
from eqho.tiers.service import Tiers

__all__ = ["BadArgument", "NoBuild", "Provenance", "RefreshFailed", "Served", "Tiers"]
