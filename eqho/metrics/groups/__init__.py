"""The groups of the metrics document, one file each: scene in, numbers out."""
