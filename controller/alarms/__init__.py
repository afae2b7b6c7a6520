"""Alarms: from conditions to people. A table of causes and actions, a book of states, a desk that tells."""
