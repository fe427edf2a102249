"""Every chart: rows in, figures out."""
