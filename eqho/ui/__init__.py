"""The dashboard's user interface: the shell and what the pages are built from."""
