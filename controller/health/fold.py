"""One more turn: what is remembered of a loop moves on by what the turn shows.

Called by watch with each turn; calls models.health. Gaps are measured minus target, in shares of the target; they fade
with the time over which the target is judged. A jump is told by Page's sums of the gap against its usual level; the
answer of a lever by the changes from one judged stretch to the next. In a closed loop noise alone makes an answer look
better than it is, since what is low comes back by itself: "none" and "reversed" are therefore said too seldom.
"""

from dataclasses import replace

import numpy as np

from controller.cells import Array, Bools
from controller.health.figures import Figures
from controller.health.watched import Watched
from controller.loop.turn import Turn
from controller.signals import Landing, Latch, Verdict
from models.health.drift import Sums
from models.health.saturation import Standing, at_limits

SLOW = 4.0
"""Times the judged span over which the usual gap and its spread are learnt."""
SETTLED = 8.0
"""Samples after which a spread means something."""
KEEP = 0.9
"""What stays of the lever's answers from one stretch to the next."""
SLACK = 0.5
JUMP = 12.0
"""Sum above which the KPI has jumped: samples of a KPI hang together, so that Page's usual 5 would be too few."""


def after(figures: Figures, turn: Turn, loop: Watched) -> Figures:
    """The figures with one more turn."""
    return _sampled(_links(figures, turn, loop), turn, loop)


def _links(figures: Figures, turn: Turn, loop: Watched) -> Figures:
    signal = turn.signals[loop.sensor]
    blind = (signal.latch != Latch.LIVE) | (signal.verdict == Verdict.BAD_DATA)
    kept = np.exp(-turn.tick.elapsed / loop.over)
    at_low, at_high, deaf = _outputs(turn, loop, len(figures.gap))
    standing = Standing(figures.low, figures.high).seen(at_low, at_high, turn.tick.elapsed, loop.over)
    return replace(
        figures,
        blind=kept * figures.blind + (1 - kept) * blind,
        deaf=kept * figures.deaf + (1 - kept) * deaf,
        low=standing.low,
        high=standing.high,
    )


def _sampled(figures: Figures, turn: Turn, loop: Watched) -> Figures:
    signal, setpoint = turn.signals[loop.sensor], turn.setpoints[loop.name]
    gap = np.divide(
        signal.value - setpoint, np.abs(setpoint), out=np.full_like(setpoint, np.nan), where=setpoint != 0
    )
    fresh = signal.fresh & np.isfinite(gap)
    if not fresh.any():
        return figures
    now = np.where(fresh, turn.tick.time, figures.time)
    elapsed = np.where(np.isfinite(figures.time), now - figures.time, turn.tick.elapsed)
    gap = np.where(fresh, gap, 0.0)
    seen = _jumped(_levelled(figures, fresh, gap, elapsed, loop), fresh, gap, elapsed, loop, now)
    lever = _lever(turn, loop)
    return _judged(_answered(replace(seen, time=now), fresh, gap, lever, elapsed, loop), loop)


def _levelled(figures: Figures, fresh: Bools, gap: Array, elapsed: Array, loop: Watched) -> Figures:
    kept = np.where(fresh, np.exp(-elapsed / loop.over), 1.0)
    return replace(figures, gap=kept * figures.gap + (1 - kept) * gap)


def _jumped(figures: Figures, fresh: Bools, gap: Array, elapsed: Array, loop: Watched, now: Array) -> Figures:
    """Page's sums of the gap against the usual one; a jump starts them anew."""
    first = np.isnan(figures.usual)
    usual, deviation = np.where(first, gap, figures.usual), np.sqrt(figures.spread)
    known = fresh & (figures.samples >= SETTLED) & (deviation > 0)
    z = np.divide(gap - usual, deviation, out=np.full_like(gap, np.nan), where=known)
    sums = figures.shift.seen(z, SLACK)
    jumped = sums.direction(JUMP) != 0
    kept = np.where(fresh, np.exp(-elapsed / (SLOW * loop.over)), 1.0)
    return replace(
        figures,
        usual=kept * usual + (1 - kept) * gap,
        spread=kept * figures.spread + (1 - kept) * (gap - usual) ** 2,
        samples=figures.samples + fresh,
        shift=Sums(np.where(jumped, 0.0, sums.up), np.where(jumped, 0.0, sums.down)),
        shifted_at=np.where(jumped, now, figures.shifted_at),
    )


def _answered(
    figures: Figures, fresh: Bools, gap: Array, lever: Array, elapsed: Array, loop: Watched
) -> Figures:
    """One more pair of move and answer wherever a stretch, as long as the target is judged, is full.

    The move is that of the stretch before: within one stretch the lever follows the gap, not the gap the lever.
    """
    held = np.where(fresh, elapsed, 0.0)
    stretch = figures.stretch + held * np.array([np.ones_like(gap), gap, lever])
    full = stretch[0] >= loop.over
    mean = np.divide(stretch[1:], stretch[0], out=np.zeros_like(stretch[1:]), where=stretch[0] > 0)
    gaps, levers = np.where(full, mean - figures.before[:2], np.nan)
    earlier = figures.before[2]
    return replace(
        figures,
        answer=figures.answer.seen(earlier, gaps, KEEP),
        stretch=np.where(full, 0.0, stretch),
        before=np.where(full, np.array([*mean, levers]), figures.before),
    )


def _judged(figures: Figures, loop: Watched) -> Figures:
    out = misses(figures, loop)
    return replace(
        figures,
        off_since=np.where(
            out, np.where(np.isnan(figures.off_since), figures.time, figures.off_since), np.nan
        ),
    )


def misses(figures: Figures, loop: Watched) -> Bools:
    """Where the mean gap is out of the band, on a side that counts."""
    low, high = loop.sides
    return np.asarray((low & (figures.gap < -loop.band)) | (high & (figures.gap > loop.band)))


def _outputs(turn: Turn, loop: Watched, cells: int) -> tuple[Bools, Bools, Bools]:
    """Where every output stands at the end that lowers, or raises, the KPI; and where one does not do as told."""
    low, high = np.ones((2, cells), np.bool_)
    deaf = np.zeros(cells, np.bool_)
    for name in loop.channels:
        output = turn.outputs[name]
        bottom, top = turn.limits.low[name], turn.limits.high[name]
        at_bottom, at_top = at_limits(output.applied, bottom, top)
        way = loop.direction.get(name, 0.0)
        either = at_bottom | at_top
        low &= either if way == 0 else at_bottom if way > 0 else at_top
        high &= either if way == 0 else at_top if way > 0 else at_bottom
        deaf |= (output.landing != Landing.CONFIRMED) | output.drifted
    return low, high, deaf


def _lever(turn: Turn, loop: Watched) -> Array:
    """How far the outputs push the KPI up: mean of their places within what the limits leave, 0..1, by direction."""
    places = []
    for name in loop.channels:
        low, high = turn.limits.low[name], turn.limits.high[name]
        span = np.where(high > low, high - low, np.nan)
        place = (turn.outputs[name].applied - low) / span
        places.append(place if loop.direction.get(name, 0.0) >= 0 else 1.0 - place)
    return np.asarray(np.nan_to_num(np.mean(places, axis=0), nan=0.0))
