"""Scenarios: what may happen to a campaign, one a file; the file's name is the kind. See `_base` for what one is."""
