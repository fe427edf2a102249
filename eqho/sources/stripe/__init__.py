"""Stripe itself as a source."""
