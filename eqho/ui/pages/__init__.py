"""The body of each page, under the name of the page."""
