"""The JSON API, on the same port as the pages."""
