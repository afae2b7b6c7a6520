"""A loop that is off its target says which of its links is to blame; one that keeps it says nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from controller.health import Figures, Link, LoopWatch, Watched, Watches
from controller.signals import Landing, Latch, Verdict
from tests.support import turns

HOUR = 3600.0
SALES = Watched("sales", "units", ("win_rate",), {"win_rate": 1.0}, 0.05, 24 * HOUR)


def watch(loop=SALES, size=1):
    return LoopWatch(loop, tuple(f"c{i}" for i in range(size)), Figures.none(size))


def shown(
    watched, hour, gap, lever=0.07, size=1, landing=Landing.CONFIRMED, latch=Latch.LIVE, verdict=Verdict.OK
):
    """One hour with a gap (share of the target) and a lever."""
    now = hour * HOUR
    turn = turns.turn(1, before=lever, after=lever, size=size)
    value = 28000.0 * (1.0 + np.broadcast_to(gap, (size,)))
    output = turns.output(turns.array(lever, size), turns.array(lever, size), landing=landing)
    watched.see(
        replace(
            turn,
            tick=replace(turn.tick, time=now, elapsed=HOUR),
            signals={"units": turns.signal(size, value, verdict, latch, now=now)},
            outputs={"win_rate": output},
        )
    )


def noise(hours, size=0.02):
    return size * np.random.default_rng(7).standard_normal(hours)


def texts(watched):
    return [condition.text for condition in watched.conditions()]


def test_a_loop_within_its_band_says_nothing():
    sales = watch()
    for hour, gap in enumerate(noise(24 * 14)):
        shown(sales, hour, gap)
    assert sales.links() == Link.NONE
    assert texts(sales) == []


def test_a_miss_is_said_only_after_as_long_as_the_target_is_judged_over():
    sales, first = watch(), None
    for hour, gap in enumerate(noise(24 * 10) - 0.2 * (np.arange(240) >= 120)):
        shown(sales, hour, gap)
        if first is None and sales.links() != Link.NONE:
            first = hour - 120
    assert 24 <= first <= 48


def test_a_lever_at_its_end_makes_the_target_out_of_reach():
    sales = watch()
    for hour, gap in enumerate(noise(24 * 10) - 0.2):
        shown(sales, hour, gap, lever=0.12)
    assert sales.links() == Link.OUT_OF_REACH
    assert "under target (band 5%): win_rate has stood at the end of what its limits leave" in texts(sales)[0]


def test_the_wrong_end_is_no_excuse():
    sales = watch()
    for hour, gap in enumerate(noise(24 * 10) - 0.2):
        shown(sales, hour, gap, lever=0.03)
    assert sales.links() != Link.OUT_OF_REACH


def test_a_lever_that_lowers_is_at_the_end_that_helps_at_its_bottom():
    sales = watch(replace(SALES, direction={"win_rate": -1.0}))
    for hour, gap in enumerate(noise(24 * 10) - 0.2):
        shown(sales, hour, gap, lever=0.03)
    assert sales.links() == Link.OUT_OF_REACH


def test_a_jump_is_named_as_one():
    sales = watch()
    for hour, gap in enumerate(noise(24 * 12) - 0.3 * (np.arange(288) >= 240)):
        shown(sales, hour, gap)
    assert sales.links() == Link.DEMAND
    assert "it jumped" in texts(sales)[0]


@pytest.mark.parametrize(("gain", "link"), [(-0.4, Link.REVERSED), (0.0, Link.NO_ANSWER)])
def test_a_lever_that_moves_and_is_answered_wrongly_or_not_at_all_is_named(gain, link):
    sales, days = watch(), 40
    lever = 0.03 + 0.09 * np.random.default_rng(3).uniform(size=days + 2)
    for hour, error in enumerate(noise(24 * days, 0.001)):
        day = hour // 24
        shown(sales, hour, -0.2 + gain * (lever[max(day - 1, 0)] - 0.03) / 0.09 + error, lever=lever[day])
    assert sales.links() == link
    assert "of the whole range" not in texts(sales)[0]
    assert "for the whole range" in texts(sales)[0]


def test_a_sensor_or_an_actuator_that_is_lost_is_named_and_has_its_own_alarm():
    blind, deaf = watch(), watch()
    for hour, gap in enumerate(noise(24 * 10) - 0.2):
        shown(blind, hour, gap, latch=Latch.HOLD if hour > 120 else Latch.LIVE)
        shown(deaf, hour, gap, landing=Landing.UNCONFIRMED)
    assert (blind.links()[0], deaf.links()[0]) == (Link.SENSOR, Link.ACTUATOR)
    assert texts(blind) == texts(deaf) == []


def test_a_miss_that_nothing_explains_is_said_to_be_unclear():
    sales = watch()
    for hour, gap in enumerate(noise(24 * 30) - 0.12):
        shown(sales, hour, gap)
    assert sales.links() == Link.UNCLEAR
    assert "can't be told why" in texts(sales)[0]


def test_only_the_side_that_counts_is_a_miss():
    above = watch(replace(SALES, sides=(True, False)))
    for hour, gap in enumerate(noise(24 * 10) + 0.3):
        shown(above, hour, gap)
    assert above.links() == Link.NONE


def test_cells_are_told_apart_and_the_worst_is_named():
    stores = watch(size=3)
    for hour, gap in enumerate(noise(24 * 10)):
        shown(stores, hour, gap + np.array([0.0, -0.2, -0.3]), lever=0.12, size=3)
    assert stores.links().tolist() == [Link.NONE, Link.OUT_OF_REACH, Link.OUT_OF_REACH]
    assert "(cell c2; 2 of 3 cells)" in texts(stores)[0]


def test_replicas_in_one_array_equal_runs_of_their_own():
    together, alone = watch(size=2), [watch(), watch()]
    for hour, gap in enumerate(noise(24 * 6)):
        gaps = gap + np.array([0.0, -0.2])
        shown(together, hour, gaps, size=2)
        for each, one in zip(alone, gaps, strict=True):
            shown(each, hour, one)
    for cell, each in enumerate(alone):
        saved, mine = together.figures.saved(), each.figures.saved()
        for name, value in mine.items():
            np.testing.assert_array_equal(np.asarray(saved[name])[..., cell], np.asarray(value)[..., 0])


def test_what_is_remembered_survives_as_json():
    sales = watch()
    for hour, gap in enumerate(noise(100) - 0.1):
        shown(sales, hour, gap)
    kept = json.loads(json.dumps(sales.figures.saved(), allow_nan=False))
    assert Figures.restored(kept, 1).saved() == sales.figures.saved()
    assert Figures.restored(kept, 2).saved() == Figures.none(2).saved()
    assert Figures.restored({"gap": [0.0]}, 1).saved() == Figures.none(1).saved()


def test_hours_without_a_sample_move_no_figure_of_the_target():
    sales = watch()
    for hour, gap in enumerate(noise(48) - 0.1):
        shown(sales, hour, gap)
    before = sales.figures
    shown(sales, 48, np.nan, verdict=Verdict.NO_DATA)
    np.testing.assert_array_equal(sales.figures.gap, before.gap)
    np.testing.assert_array_equal(sales.figures.off_since, before.off_since)


def test_a_running_campaign_is_watched_and_remembered_over_a_restart():
    from tests.alarms.test_desk import Watched as World

    world = World().world
    watches = Watches(lambda: world.loop.parts)
    for _ in range(20):
        list(watches(world.turn()))
    (loop,) = watches.each.values()
    assert loop.loop.channels
    assert loop.figures.samples[0] > 0
    again = Watches(lambda: world.loop.parts, kept=json.loads(json.dumps(watches.saved())))
    assert again.saved() == watches.saved()
    list(again(world.turn()))
    (taken,) = again.each.values()
    assert taken.figures.samples[0] >= loop.figures.samples[0]


def test_why_ends_with_what_keeps_a_loop_from_its_target():
    from controller.alarms.alarm import record_of
    from controller.alarms.book import AlarmBook
    from controller.cli.why import _missed
    from controller.loop.turn import Condition
    from controller.store import MemoryStore

    store, book = MemoryStore(), AlarmBook()
    store.claim("tests")
    assert _missed(store) == []
    for event in book.take([Condition("off_target", "sales", "sales is 12.0% under target")], 60.0):
        store.append(record_of(event, 1))
    assert _missed(store) == ["1970-01-01T00:01:00Z  sales is 12.0% under target."]
    for event in book.take([], 60.0 + 2 * HOUR):
        store.append(record_of(event, 2))
    assert _missed(store) == []


def test_why_of_one_output_names_the_loops_that_move_it_only():
    from controller.alarms.alarm import record_of
    from controller.alarms.book import AlarmBook
    from controller.cli.why import _missed
    from controller.loop.recording import tick_record
    from controller.loop.turn import Condition
    from controller.ports import Record
    from controller.store import MemoryStore

    store = MemoryStore()
    store.claim("tests")
    store.append(Record("start", 0, 0.0, {}, turns.start_data()))
    store.append(tick_record(turns.turn(1)))
    said = [Condition("off_target", name, f"{name} is 12.0% under target") for name in ("sales", "opens")]
    for event in AlarmBook().take(said, 60.0):
        store.append(record_of(event, 1))
    assert len(_missed(store)) == 2
    assert _missed(store, "win_rate") == ["1970-01-01T00:01:00Z  sales is 12.0% under target."]
