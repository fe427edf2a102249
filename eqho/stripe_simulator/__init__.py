"""A small, exact simulator of Stripe Billing: behind the demo company and the tests' Stripe-like server."""
