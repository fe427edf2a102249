"""Keeps the mirror in the store up to date with the source."""

from eqho.sync.account import Owner
from eqho.sync.context import Interrupted
from eqho.sync.progress import KindProgress, Progress
from eqho.sync.run import Sync, SyncResult

__all__ = ["Interrupted", "KindProgress", "Owner", "Progress", "Sync", "SyncResult"]
