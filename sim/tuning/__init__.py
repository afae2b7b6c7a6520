"""`setpoint tune` from plants to gains: how the lever answers, which gains suit, what breaks them, and the file.

    plants   how a loop's lever answers: gain, lag and dead time, each possible answer with its weight
    market   the plants of a simulated market, tried step by step without luck
    journal  the plants that a journal leaves possible
    advice   gains for all of them, their margins, what to expect and what would break them
    words    the advice as text and as JSON
    writing  the gains back into the file, the rest of it as it was

Called by sim/cli/tune.py and notebooks; calls models.tuning, models.identification and the market's plant.
"""
