"""Setpoint's simulator: a market behind the controller's own ports, replay and reports; the top floor.

Imports `controller` and `models`; nothing below imports it. Runs the real loop, never a second one.
"""
