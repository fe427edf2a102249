"""Keeps the mirror in the store up to date with the source."""

from eqho.sync.engine import Sync, SyncResult
from eqho.sync.progress import KindProgress, Progress

__all__ = ["KindProgress", "Progress", "Sync", "SyncResult"]
