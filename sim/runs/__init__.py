"""Runs of the real loop on a market, on a virtual clock; where they start, what they leave, what they score."""
