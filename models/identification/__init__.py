"""Identification: what a record says of the plant behind it, and when it says nothing. Arrays; no clock, no I/O.

    kalman       a small linear filter over any number of hypotheses and series
    closed_loop  gain, lag and dead time with intervals, from a loop that was steering all the while
    arx          least squares on past inputs and outputs, the delay chosen by BIC
    recursive    recursive least squares with forgetting, over cells
    changes      CUSUM and Page-Hinkley: has something changed?
    dither       a small bounded test signal that makes a plant visible

Open-loop steps are fitted by models.tuning.step_fit. Called by `setpoint tune`, health and benchmarks.
"""
