"""Setpoint's mathematics: plants, draws, filters and tuning rules on arrays; the lowest floor.

Called by `controller` and `sim`. Imports numpy and scipy only; does no I/O, reads no clock, knows no campaign.
"""
