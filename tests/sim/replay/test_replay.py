"""Journals replayed: of simulations, of a daemon's loop in the middle of chaos, of a real daemon that was killed."""

import copy
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from controller.config import load
from controller.errors import StoreError
from controller.store import MemoryStore, SqliteStore
from sim.replay.replay import replay
from sim.runs.runner import Run, finish, start
from tests.house.places import ROOT
from tests.sim.replay.replay_kit import SCAN, Killed, World, chaos, rewritten
from tests.support.daemons import Setup
from tests.support.lottery import Lottery, serving

DAY = 86_400.0


def simulated(store, name="cap_lottery", **changes):
    finish(
        start(
            Run(campaign=load(ROOT / f"configs/{name}.yaml"), store=store, **({"seconds": 2 * DAY} | changes))
        )
    )
    return store


@pytest.fixture(scope="module")
def wild(tmp_path_factory):
    """A long journal in a file: lives, kills, orders, reloads, every fault of every port."""
    store = SqliteStore(tmp_path_factory.mktemp("wild") / "wild.journal")
    world = chaos(World(store), 300, seed=32)
    world.die()
    world.store.close()
    return world.store.path


@pytest.fixture(scope="module")
def long():
    """A life of 1,500 ticks, with snapshots on the way and a reload near its beginning."""
    world = World().live()
    world.accept()
    world.turns(20)
    world.text = world.text.replace("gain: 0.5", "gain: 0.9")
    world.post("reload")
    world.turns(1480)
    return world


def ticks_of(path):
    store = SqliteStore(path, readonly=True)
    try:
        return list(store.records(kinds=("tick",)))
    finally:
        store.close()


def total(done, what):
    return sum(getattr(each.tally, what) for each in done)


def said(done):
    return [difference.sentence for each in done for difference in each.tally.first]


def command(*words, **environ):
    words = [sys.executable, "-m", "controller.cli", *map(str, words)]
    return subprocess.run(
        words, check=False, capture_output=True, text=True, timeout=100, env=os.environ | environ
    )


# -- what was written comes out again -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cap_lottery", "coupon_value", "push_frequency"])
def test_a_simulation_comes_out_again_bit_for_bit(name):
    (done,) = replay(simulated(MemoryStore(), name))
    assert done.ok
    assert done.exact
    assert done.ticks == done.tally.decisions >= 2 * 24
    assert done.tally.values > 20 * done.ticks


def test_replicas_of_a_campaign_come_out_again():
    from controller.assembly import cells_of

    cells = cells_of(load(ROOT / "configs/cap_lottery.yaml")).replicated(7)
    (done,) = replay(simulated(MemoryStore(), cells=cells))
    assert done.ok
    assert done.tally.decisions == 7 * done.ticks


@pytest.mark.parametrize("seed", range(1, 5))
def test_lives_full_of_faults_orders_reloads_and_kills_come_out_again(seed):
    world = chaos(World(), 200, seed)
    done = replay(world.store)
    assert said(done) == []
    assert all(each.ok and each.exact for each in done)
    ticks = list(world.store.records(kinds=("tick",)))
    assert sum(each.ticks for each in done) == len(ticks)
    assert total(done, "decisions") == len(ticks) * 2 * 2
    assert sum(each.reloads for each in done) == len(list(world.store.records(kinds=("config",)))) > 0
    assert sum(each.commands for each in done) > 10


def test_the_chaos_is_one(wild):
    """What the tests above rest on: every call failed somewhere, outputs held, fell back, were refused and drifted."""
    ticks = ticks_of(wild)
    failed = {tuple(call[:2]) for tick in ticks for calls in tick.data["failed"].values() for call in calls}
    assert failed == {
        ("look", "unreachable"), ("send", "refused"), ("send", "unreachable"), ("look_again", "unreachable"),
    }  # fmt: skip
    reasons = np.unique(
        np.concatenate([tick.columns[f"reason.{n}"] for tick in ticks for n in ("win_rate", "coupon")])
    )
    assert {0, 1, 4, 5, 7, 10, 11, 12, 15} <= set(reasons.tolist())
    codes = {condition[0] for tick in ticks for condition in tick.data["conditions"]}
    assert {
        "sensor_bad",
        "sensor_silent",
        "held",
        "fallback",
        "refused",
        "unconfirmed",
        "unreadable",
        "drifted",
    } <= codes


def test_an_order_whose_tick_was_never_recorded_is_skipped_and_said():
    world = World().live()
    world.accept()
    world.turns(3)
    world.targets["win_rate"].ills = {"kills"}
    with pytest.raises(Killed):
        world.turns(60)
    world.targets["win_rate"].ills = set()
    world.die()
    world.live().turns(20)
    first, second = replay(world.store)
    assert first.ok
    assert second.ok
    assert second.lost == ()
    assert "announces trial.win_rate.1." in first.lost[0]
    assert "never recorded: skipped" in first.lost[0]


def test_a_real_daemon_killed_in_the_middle_comes_out_again(tmp_path):
    with serving(Lottery()) as target:
        setup = Setup(tmp_path, target)
        with setup.start() as daemon:
            daemon.ready()
            setup.accept()
            daemon.until(lambda: len(target.log) >= 2, "orders")
            daemon.kill()
        with setup.start() as daemon:
            daemon.ready()
            setup.command("hold", "win_rate", "--by", "ann", "--reason", "lunch")
            setup.edit("gain: 0.3", "gain: 0.2")
            setup.command("reload", "--by", "ann", "--reason", "calmer")
            count = len(setup.records("tick"))
            daemon.until(lambda: len(setup.records("tick")) > count + 1, "turns")
            daemon.stop()
    found = command("replay", setup.journal, "--json")
    said = json.loads(found.stdout)
    assert found.returncode == 0, found.stdout
    assert [life["rule"] for life in said["lives"]] == ["bits", "bits"]
    assert sum(life["ticks"] for life in said["lives"]) == len(setup.records("tick"))
    assert said["lives"][1]["reloads"] == 1
    assert said["lives"][1]["commands"] == 1


# -- what was not written so is found -------------------------------------------------------------------------------


def test_a_decision_that_was_tampered_with_is_found_and_named(wild, tmp_path):
    victim = ticks_of(wild)[100]
    bent = np.nextafter(victim.columns["decided.win_rate"][1], 1.0)
    bad = rewritten(wild, tmp_path / "bent.journal", victim.number, decided__win_rate=(1, bent))
    done = replay(bad)
    (difference,) = [difference for each in done for difference in each.tally.first]
    assert (difference.record, difference.column, difference.channel, difference.cell) == (
        victim.number, "decided.win_rate", "win_rate", "south",
    )  # fmt: skip
    assert difference.recorded == bent
    assert difference.replayed == victim.columns["decided.win_rate"][1]
    found = command("replay", bad)
    assert found.returncode == 1
    assert f"record {victim.number}, " in found.stdout
    assert "decided.win_rate of south: recorded " in found.stdout


BENT = {
    "requested.win_rate": 0.05, "reason.coupon": 13, "limit.win_rate.high": 0.9, "limit.win_rate.low_by": 9,
    "setpoint.sales": 1.0, "signal.units.latch": 9, "mode.coupon": 9, "residual.win_rate": 0.1,
}  # fmt: skip


def test_every_family_of_columns_is_compared(wild, tmp_path):
    numbers = [tick.number for tick in ticks_of(wild)][40:]
    bad, expected = wild, []
    for number, (column, value) in zip(numbers, BENT.items(), strict=False):
        bad = rewritten(
            bad, tmp_path / f"{column}.journal", number, **{column.replace(".", "__"): (0, value)}
        )
        expected.append((number, column, "north", value))
    found = [difference for each in replay(bad) for difference in each.tally.first]
    assert [(d.record, d.column, d.cell, d.recorded) for d in found] == expected


def test_a_reading_that_was_tampered_with_shows_in_what_followed(wild, tmp_path):
    victim = [tick for tick in ticks_of(wild) if tick.columns["signal.units.fresh"].all()][50]
    value = victim.columns["reading.units.value"][0] * 1.01
    bad = rewritten(wild, tmp_path / "bent.journal", victim.number, reading__units__value=(0, value))
    differences = [difference for each in replay(bad) for difference in each.tally.first]
    assert {d.column for d in differences if d.record == victim.number} >= {"signal.units.value"}


def test_another_config_than_the_recorded_one_decides_otherwise():
    world = World().live()
    world.accept()
    world.turns(100)
    start_row = next(iter(world.store.records(kinds=("start",))))
    start_row.data["config"] = start_row.data["config"].replace('"gain": 0.5', '"gain": 0.51')
    world.store._rows[0] = world.store.codec.encode(start_row, 0)
    (done,) = replay(world.store)
    assert not done.ok
    assert "propose.sales.win_rate" in done.tally.by_column
    assert done.tally.first[0].record < 30


def test_a_missing_and_an_unexpected_order_are_told():
    world = World().live()
    world.accept()
    world.turns(30)
    rows = world.store._rows
    number = next(n for n, row in rows.items() if row.kind == "intent")
    del rows[number]
    (done,) = replay(world.store)
    assert [(d.column, d.recorded) for d in done.tally.first] == [("intent", "absent")]


# -- rounding -------------------------------------------------------------------------------------------------------


def vector_features():
    return np.show_config(mode="dicts")["SIMD Extensions"]["found"]


@pytest.mark.parametrize("kind", ["simulated", "wild"])
def test_without_the_processors_vector_features_the_commands_are_equal(kind, wild, tmp_path):
    journal = wild
    if kind == "simulated":
        store = simulated(SqliteStore(tmp_path / "sim.journal.journal"))
        store.close()
        journal = store.path
    found = command("replay", journal, "--json", NPY_DISABLE_CPU_FEATURES=" ".join(vector_features()))
    said = json.loads(found.stdout)
    assert found.returncode == 0, found.stdout
    assert {life["rule"] for life in said["lives"]} == {"1e-12" if vector_features() else "bits"}
    if vector_features():
        assert said["lives"][0]["differs_in"][0].startswith("cpu: ")


def elsewhere(store):
    """Every life as if another machine had written it."""
    for number, row in store._rows.items():
        if row.kind == "start":
            record = store.codec.decode(row)
            record.data["fingerprint"]["machine"] = "z80"
            store._rows[number] = store.codec.encode(record, number)


def bent(store, column, change):
    """One tick's column changed."""
    record = [record for record in store.records(kinds=("tick",)) if column in record.columns][-1]
    record.columns[column] = change(record.columns[column])
    store._rows[record.number] = store.codec.encode(record, record.number)


@pytest.mark.parametrize(
    ("column", "change", "ok"),
    [
        ("signal.units.value", lambda x: x * (1 + 4e-13), True),
        ("signal.units.value", lambda x: x * (1 + 4e-12), False),
        ("requested.win_rate", lambda x: x * (1 + 4e-13), True),
        ("decided.win_rate", lambda x: x * (1 + 4e-13), False),
        ("limit.win_rate.high", lambda x: x * (1 + 4e-13), True),
        ("term.sales.win_rate.p", lambda x: x + 1e-14, True),  # relative to the output's largest value, 12 %
        ("term.sales.win_rate.p", lambda x: x + 1e-12, False),
        ("signal.units.verdict", lambda x: x + np.int8(1), False),
        ("signal.units.value", lambda x: x * np.nan, False),
    ],
)
def test_elsewhere_values_may_round_otherwise_and_commands_may_not(column, change, ok):
    world = World().live()
    world.accept()
    world.turns(90)
    elsewhere(world.store)
    bent(world.store, column, change)
    (done,) = replay(world.store)
    assert done.differs_in[0].startswith("machine: z80 then, ")
    assert done.ok == ok
    assert done.tally.rounded == (2 if ok else 0)


# -- parts of a journal ---------------------------------------------------------------------------------------------


def test_one_life_is_replayed_alone(wild):
    every = replay(wild)
    (second,) = replay(wild, life=2)
    found = command("replay", "--life", 2, "--json", SETPOINT_STORE=str(wild))
    assert json.loads(found.stdout)["lives"][0]["values"] == second.tally.values
    assert (second.place, second.ticks, second.tally.values) == (2, every[1].ticks, every[1].tally.values)
    with pytest.raises(StoreError, match=f"received 99, allowed: 1 to {len(every)}"):
        replay(wild, life=99)


def test_a_window_begins_with_the_newest_snapshot_before_it_and_the_config_in_force(long):
    (part,) = replay(long.store, since=long.now - 50 * SCAN, until=long.now)
    assert part.ok
    assert part.reloads == 0
    assert part.ticks == 50
    assert part.record > 1000
    assert (part.begins, part.ends) == (long.now - 50 * SCAN, long.now - SCAN)


def test_a_window_in_the_middle_of_chaos_is_compared_alone(wild):
    every = replay(wild)
    since, until = every[1].begins + 3600.0, every[-1].ends - 3600.0
    part = replay(wild, since=since, until=until)
    assert all(each.ok for each in part)
    assert 0 < sum(each.ticks for each in part) < sum(each.ticks for each in every)
    assert part[0].ticks == 0


def test_a_pruned_journal_is_replayed_from_its_base(long):
    store = copy.deepcopy(long.store)
    assert store.prune(long.now - 200 * SCAN, 10) > 500
    (done,) = replay(store)
    assert done.ok
    assert done.record == store.base()[0] > 0
    assert done.ticks == len(list(store.records(kinds=("tick",))))


def test_a_window_without_a_tick_shows_nothing_and_says_so(wild):
    found = command("replay", wild, "--from", "2031-01-01")
    assert found.returncode == 1
    assert "nothing was compared" in found.stdout
