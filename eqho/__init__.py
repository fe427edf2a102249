"""Eqho Metrics: the subscription business of Eqho, exact to the cent at any date."""
