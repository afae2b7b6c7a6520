"""kill -9 of a real daemon, again and again, judged from the target's own log.

At most one value an id, epochs that only rise, no value outside the limits, the first output after a restart is the
last one in force, the journal opens at once, and a daemon that stays dead leaves the fallback in force when its lease
is over.
"""

import time

import pytest

from controller.store.sqlite import SqliteStore
from models.draws import Draws, keys_of
from tests.support.daemons import Setup
from tests.support.lottery import Lottery, serving
from tests.support.progress import Progress

SCAN = 1.0


def delay(seed, kill):
    """Seconds from the first order on to the kill; keyed, so that a failing run can be repeated."""
    return float(Draws(seed).uniform(keys_of((f"kill-{kill}",)), 0, "kill")[0]) * 2.2 * SCAN


def judged(target, since):
    orders = [entry for entry in target.log[since:] if entry.id]
    by_id = {}
    for entry in orders:
        assert by_id.setdefault(entry.id, entry.value) == entry.value, f"two values under one id: {entry}"
    epochs = [entry.epoch for entry in orders]
    assert epochs == sorted(set(epochs)), "an epoch came twice or out of order"
    assert all(0.03 - 1e-9 <= entry.value <= 0.12 + 1e-9 for entry in orders)
    return orders


def kills(setup, target, count, seed):
    """Kill a daemon `count` times; returns how long the journal took to open, each time."""
    opened = []
    with setup.start() as first:
        first.ready()
        setup.accept()
        first.until(lambda: len(target.log) >= 1, "a first order")
        first.kill()
    for kill in range(count):
        before, since = target.now()["value"], len(target.log)
        with setup.start() as daemon:
            daemon.until(lambda s=since: len(target.log) > s or daemon.process.poll() is not None, "an order")
            first_order = target.log[since]
            assert abs(first_order.value - before) <= 0.01 + 1e-9, (
                "a bump of more than one step after a restart"
            )
            time.sleep(delay(seed, kill))
            daemon.kill()
        judged(target, 0)
        begun = time.monotonic()
        store = SqliteStore(setup.journal, readonly=True)
        opened.append(time.monotonic() - begun)
        first_tick = next(r for r in reversed(list(store.records(kinds=("start",)))))
        after = next(iter(store.records(first_tick.number + 1, ("tick",))), None)
        store.close()
        if after is not None and after.columns["known.win_rate"][0]:
            held = abs(float(after.columns["decided.win_rate"][0]) - before)
            assert held <= 0.01 + 1e-9
    return opened


def test_thirty_kills_lose_nothing_and_bump_nothing(tmp_path):
    with serving(Lottery()) as target:
        opened = kills(Setup(tmp_path, target), target, 30, seed=1)
    assert max(opened) < 1.0


@pytest.mark.proof
def test_a_thousand_kills_lose_nothing_and_bump_nothing(tmp_path):
    progress = Progress("kills", 1000)
    while progress.left:
        batch = min(progress.left, 20)
        folder = tmp_path / str(progress.done)
        folder.mkdir()
        with serving(Lottery()) as target:
            opened = kills(Setup(folder, target), target, batch, seed=1000 + progress.done)
        assert max(opened) < 1.0
        progress.add(batch, open_seconds=max(opened))
    slowest = progress.worst["open_seconds"] * 1e3
    print(
        f"{progress.done} kills: no id doubled, no epoch out of order, no value outside; open in {slowest:.0f} ms"
    )


def test_a_daemon_that_stays_dead_leaves_the_fallback_when_its_lease_is_over(tmp_path):
    with serving(Lottery()) as target:
        setup = Setup(tmp_path, target, lease="4s")
        with setup.start() as daemon:
            daemon.ready()
            setup.accept()
            daemon.until(lambda: target.now()["value"] > 0.035, "a move")
            daemon.kill()
        last = target.log[-1]
        ends = time.monotonic() + 6.0
        while target.now()["value"] != 0.03 and time.monotonic() < ends:
            time.sleep(0.05)
        assert target.log[-1].why == "lease ran out"
        assert target.log[-1].at - last.at <= 4.0 + 1.0 + SCAN
