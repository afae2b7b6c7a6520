"""Actuators: one file a kind, found by the registry. Files that start with an underscore are their helpers.

An actuator puts an absolute order into force and says what is in force; it is idempotent under one command id and
lets no older epoch overwrite a newer one. It may try again within the tick, never later: the loop does that.
"""
