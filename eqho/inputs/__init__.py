"""What people enter: kept in the store beside what the source tells."""
