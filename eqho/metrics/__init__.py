"""From spans to every number people see. Pure: columns in, numbers out."""
