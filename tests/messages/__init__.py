"""Digest and alerts."""
