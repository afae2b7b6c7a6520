"""The loop and its stages: what a turn is, each idea in a file of its own.

loop     the turn itself, in its fixed order         parts, turn   what it is built of, what it shows
read     validation, counters                        what of a reading may be believed
observe  execution, outcomes, selection              what became of the last move, whose wish counts
limit    guards, limits, spans, grid, facts          what is allowed now
decide   setpoints, decide, authority                what will be in force, and who says so
act      dispatch                                    orders that converge
record   conditions, recording                       what is wrong, and what is kept
"""

from controller.loop.loop import Loop

__all__ = ["Loop"]
