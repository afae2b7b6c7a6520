"""The PID law on arrays: one code for one loop or a million, pure or in place.

Called by controller/policies/pid.py and by tuning; calls numpy only. Knows no campaign, channel or mode: it is handed
samples, limits and seconds and hands back a move and a state. See `law` for the equations, `step` for the entry.
"""
