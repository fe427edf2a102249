"""Digest and alerts: what is worth a message, and how each one goes out once."""
