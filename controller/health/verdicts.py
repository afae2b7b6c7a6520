"""Which link of a loop is off, from its figures: the first of these that holds, since each explains those below it.

    sensor          it could not be believed for a good part of the time: what it shows is not the campaign's state
    actuator        an output does not have the value it was told, so the policy steers into the air
    out_of_reach    every output stands at its end and the target is still missed: no policy could do more
    reversed        the KPI goes down where the lever goes up
    no_answer       the lever has travelled and the KPI did not follow
    demand          the KPI jumped, and not because of the lever: the loop is still on its way
    unclear         none of these: it is said that it can't be told

Called by watch. A sensor that lies at an even level looks right from inside the loop, and is never found here.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from controller.health.figures import Figures
from controller.health.watched import Watched

SHARE = 0.5
"""Share of the time from which a link counts as off."""
FAR = 1.0
"""Way that a lever must have gone of late before its answer is judged, in its ranges."""
LEAST = 0.5
"""Bands that the KPI moves at least for the whole range of a lever that has an answer."""
SAMPLES = 6.0
ERRORS = 2.0
"""Standard errors by which a slope must differ."""
RECENT = 3.0
"""Times the judged span for which a jump explains a miss."""


class Link(IntEnum):
    """What is off; kept as int8 arrays."""

    NONE = 0
    SENSOR = 1
    ACTUATOR = 2
    OUT_OF_REACH = 3
    REVERSED = 4
    NO_ANSWER = 5
    DEMAND = 6
    UNCLEAR = 7


def off(figures: Figures, loop: Watched) -> NDArray[np.bool_]:
    """Where the target has been missed, in the mean, for as long as it is judged over."""
    for_ = figures.time - figures.off_since
    return np.asarray(np.isfinite(for_) & (for_ >= loop.over))


def links(figures: Figures, loop: Watched) -> NDArray[np.int8]:
    """`Link` codes, one a cell; NONE where the target is kept and the loop sees and acts."""
    answer, slope, error = figures.answer, figures.answer.slope, figures.answer.error
    told = (answer.count >= SAMPLES) & np.isfinite(error)
    missing = off(figures, loop)
    end = np.where(figures.gap < 0, figures.high, figures.low)
    recent = figures.time - figures.shifted_at <= RECENT * loop.over
    found = [
        (figures.blind > SHARE, Link.SENSOR),
        (missing & (figures.deaf > SHARE), Link.ACTUATOR),
        (missing & (end > 1.0 - SHARE / 2), Link.OUT_OF_REACH),
        (missing & told & (slope + ERRORS * error < 0), Link.REVERSED),
        (missing & answer.dead(LEAST * loop.band, FAR, ERRORS), Link.NO_ANSWER),
        (missing & recent, Link.DEMAND),
        (missing, Link.UNCLEAR),
    ]
    return np.select([where for where, _ in found], [np.int8(link) for _, link in found], np.int8(Link.NONE))


TOLD_ELSEWHERE = (Link.NONE, Link.SENSOR, Link.ACTUATOR)
"""Links that ask for no alarm of the loop: the sensor and the actuator have their own."""

_BECAUSE = {
    Link.SENSOR: "{sensor} could not be believed for {blind:.0%} of the time of late",
    Link.ACTUATOR: "{outputs} did not have the value it was told for {deaf:.0%} of the time of late",
    Link.OUT_OF_REACH: "{outputs} has stood at the end of what its limits leave for {end:.0%} of the time of late"
    "; its whole range has been worth {slope:+.0%} of the target (+- {error:.0%})",
    Link.REVERSED: "it goes down where {outputs} pushes it up: {slope:+.1%} for the whole range (+- {error:.1%})",
    Link.NO_ANSWER: "{outputs} has moved and it did not follow: {slope:+.1%} for the whole range (+- {error:.1%})",
    Link.DEMAND: "it jumped {ago:.0f} h ago without {outputs} having moved it; the loop is on its way",
    Link.UNCLEAR: "its sensor and outputs work, nothing jumped, and the limits leave room: it can't be told why",
}


def sentence(figures: Figures, loop: Watched, cell: int, link: Link) -> str:
    """What is off with one cell of a loop, in plain words and with the figures.

    >>> loop = Watched("sales", "units", ("win_rate",), {"win_rate": 1.0}, 0.05, 86400.0)
    >>> from dataclasses import replace
    >>> figures = replace(Figures.none(1), gap=np.array([-0.12]), high=np.array([0.97]))
    >>> sentence(figures, loop, 0, Link.OUT_OF_REACH)[:42]
    'sales is 12.0% under target (band 5%): win'
    """
    gap = float(figures.gap[cell])
    slope, error = float(figures.answer.slope[cell]), float(figures.answer.error[cell])
    because = _BECAUSE[link].format(
        sensor=loop.sensor, outputs=" and ".join(loop.channels), blind=float(figures.blind[cell]),
        deaf=float(figures.deaf[cell]), end=float((figures.high if gap < 0 else figures.low)[cell]),
        slope=slope, error=ERRORS * error,
        ago=float(figures.time[cell] - figures.shifted_at[cell]) / 3600.0,
    )  # fmt: skip
    side = "under" if gap < 0 else "over"
    return f"{loop.name} is {abs(gap):.1%} {side} target (band {loop.band:.0%}): {because}"
