"""Readers of logs: Open Bandit files, plain CSV, Setpoint's own journal."""
