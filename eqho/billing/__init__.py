"""Stripe's objects in our words: one set of structs whatever API version they came in."""
