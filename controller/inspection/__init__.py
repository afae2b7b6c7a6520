"""What `setpoint check` does once a file has been read: ask the world whether the file is true.

    inspect    the whole of it: one look at every port, and a report       report    what was found, with places
    sensors    each sensor's real query, once                              hints     what a wrong value looks like
    actuators  each actuator's value in force, lease and who sees to it    names     what a source calls its values
    promises   noise floor of each band, overspend bound of each budget

Called by controller/cli/check.py; calls the ports through the registry, the validation that the loop uses, and the
guardrails' own promises. Writes nothing to anything outside.
"""
