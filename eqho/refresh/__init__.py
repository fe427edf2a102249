"""The job: from the source to a published build, one leader at a time."""
