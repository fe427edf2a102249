"""The routes, one file a subject. They look up and shape; what a number is stands in `metrics`."""
