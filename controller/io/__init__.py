"""What sensors and actuators share to reach the world: HTTP, strict JSON, metrics text, files, signatures.

Called by members of those two families, by webhooks and by `setpoint watchdog`; never by the loop, a policy or a
guardrail. Every module here limits what it takes in: time, bytes, hosts, depth.
"""
