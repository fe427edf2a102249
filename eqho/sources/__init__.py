"""Where Stripe objects come from. Every source gives them raw, as Stripe's own JSON."""
