"""One execution of the PID law on all cells: from state and sample to the next state and a move.

Called by the pid policy (`step`, into new arrays: pure) and by sweeps and benchmarks (`step_into`, in place); calls
terms.py and windup.py. Works block by block, so that a block's arrays stay in the processor's cache. A cell's result
depends on nothing but its own numbers: the same bits in any array, at any place, under any block size.
"""

from models.pid import terms, windup
from models.pid.frame import BLOCK, Frame, Scratch
from models.pid.law import Law
from models.pid.state import Move, Sample, State


def step(law: Law, state: State, sample: Sample) -> tuple[State, Move]:
    """The next state and the move, in new arrays; nothing handed in is changed.

    >>> import numpy as np
    >>> law = Law(kp=2.0, ki=0.5, anti_windup="clamp")
    >>> sample = Sample(np.array([10.0]), np.array([9.0]), 1.0, 0.0, 2.2)
    >>> state, move = step(law, State.fresh(1), sample)
    >>> move.value, move.unlimited, state.integral
    (array([2.2]), array([2.5]), array([0.5]))
    """
    cells = len(sample.measured)
    frame = Frame(law, state, sample, State.empty(cells), Move.empty(cells), Scratch.room(cells))
    step_into(frame)
    return frame.after, frame.move


def step_into(frame: Frame) -> None:
    """As `step`, into the frame's own arrays; in place where `frame.after` is `frame.before`."""
    if frame.cells <= BLOCK:
        _step(frame)
        return
    for start in range(0, frame.cells, BLOCK):
        _step(frame.block(slice(start, start + BLOCK)))


def _step(frame: Frame) -> None:
    terms.errors(frame)
    terms.proportional(frame)
    terms.derivative(frame)
    windup.integrate(frame)
    terms.remember(frame)
