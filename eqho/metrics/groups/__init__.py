"""The groups of the metrics document, one file each: query in, numbers out."""
