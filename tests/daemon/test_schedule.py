"""Turns on wall time, driven by a clock that moves when told: no test waits."""

import asyncio
from itertools import pairwise

from controller.cells import Cells
from controller.clock import ManualClock, TickMaker
from controller.daemon.schedule import Schedule


def schedule(clock, events=()):
    """A schedule whose waiting lets time pass; `events` are (monotonic time, what happens then)."""
    pending = sorted(events, key=lambda e: e[0])

    async def waits(event, seconds):
        if pending and pending[0][0] <= clock.monotonic() + seconds:
            when, act = pending.pop(0)
            clock.advance(max(when - clock.monotonic(), 0.0))
            act()
            return event.is_set()
        clock.advance(seconds)
        return event.is_set()

    return Schedule(TickMaker(Cells(("all",)), 60.0), clock, waits)


def take(run, count):
    async def several():
        return [await run.next() for _ in range(count)]

    return asyncio.run(several())


def test_turns_lie_on_the_grid_without_drift():
    clock = ManualClock(1_000_000_020.0)
    got = take(schedule(clock), 50)
    assert {t.time % 60.0 for t in got} == {0.0}
    assert [b.index - a.index for a, b in pairwise(got)] == [1] * 49


def test_a_stall_is_skipped_not_made_up_for():
    clock = ManualClock(1_000_000_020.0)
    run = schedule(clock)
    first = take(run, 2)[-1]
    clock.advance(1000.0)
    after = take(run, 2)
    assert after[0].index - first.index == 16
    assert after[1].index - after[0].index == 1
    assert run.maker.skipped == 15
    assert 0.0 < run.lateness < 60.0 or run.lateness == 0.0


def test_a_command_wakes_the_loop_at_once():
    clock = ManualClock(1_000_000_020.0)
    run = schedule(clock)
    take(run, 1)
    start = clock.monotonic()
    again = schedule(clock, [(start + 7.0, lambda: again.wake())])  # noqa: PLW0108
    again.maker = run.maker
    woken = take(again, 1)[0]
    assert woken.time - run.maker.scan * woken.index < 60.0
    assert woken.elapsed <= 8.0


def test_stop_ends_it():
    clock = ManualClock(1_000_000_020.0)
    run = schedule(clock, [(30.0, lambda: run.stop())])  # noqa: PLW0108
    got = take(run, 2)
    assert got[-1] is None
