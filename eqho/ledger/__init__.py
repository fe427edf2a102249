"""From statements on invoices to MRR spans. Pure: structs in, columns out."""
