"""Inference that holds: intervals one may look at as often as one likes, and values from data that a policy chose.

    counted       a share from counts (conversions, wins), exact, valid at every look
    bernstein     the mean of bounded outcomes, valid at every look; needs no more than the bounds
    betting       the same by betting: narrower, dearer to compute
    mixture       the mean of any outcomes, valid at every look once there are enough of them
    lift          treated less held out, absolute and relative, from any two of the above
    aipw          means of arms from data gathered by a policy that was learning
    cuped         variance taken out by what was known before the test
    switchback    on and off in turns, where all must be treated alike; with wash-out and carry-over
    sample_ratio  are the groups as large as they should be? Once, and at every look
    holdout       who is held out, by keyed hash
    forgetting    which discount of a bandit would have been best in replay, or that nobody can tell
    odds          wins against the odds that were in force, at every look
    running, saved, checks    what these share: running moments, states as JSON, what is refused

Arrays throughout, streams or replicas in front, samples last; states are folded, never changed. numpy and scipy only.
"""
