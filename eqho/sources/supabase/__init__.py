"""A Supabase project that mirrors Stripe, in each of the shapes in which such mirrors exist."""

from eqho.sources.supabase.source import SupabaseSource

__all__ = ["SupabaseSource"]
