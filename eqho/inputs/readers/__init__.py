"""Files that people bring: from bytes to rows, before any row is checked."""
