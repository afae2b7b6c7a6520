"""How well loops do, from what they leave behind: figures over arrays of cells, each with its source.

    oscillation   regularity of zero crossings; the integral of the error between two of them, counted as it goes
    harris        what no controller could take away, over what is there: the minimum-variance index
    saturation    share of the time that an output stands at a limit
    drift         prediction errors of a model, summed up: has the level moved, or the answer to the lever
    response      whether a lever that was moved had an answer at all

Called by controller.health; mathematics only: numpy, no time of day, no domain objects.
"""
