"""Sensors: one file a kind, found by the registry. Files that start with an underscore are their helpers.

A sensor reads and hands on what it was given: it never tries again, remembers a good value or fills a gap.
Validation does all of that, once, around every sensor.
"""
