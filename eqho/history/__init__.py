"""What was shown and frozen, and what the ledger says of it today."""
