"""What can't be replayed is said: a life without its config, a journal without a life."""

from types import SimpleNamespace

from controller.config import load
from controller.daemon.watchers import Watch
from controller.ports import Record
from controller.store import MemoryStore, SqliteStore
from sim.replay.replay import NOT_FOR_THE_LOOP, replay
from tests.sim.replay.replay_kit import World
from tests.sim.replay.test_replay import command


def test_a_life_without_its_config_is_not_replayed_and_says_so(tmp_path):
    store = SqliteStore(tmp_path / "bare.journal")
    world = World(store).live()
    world.turns(2)
    record = next(iter(store.records()))
    store.close()
    with_nothing = SqliteStore(tmp_path / "nothing.journal")
    with_nothing.claim("test")
    without = {key: value for key, value in record.data.items() if key not in ("config", "config_digest")}
    with_nothing.append(Record("start", 0, record.time, record.columns, without))
    with_nothing.close()
    (done,) = replay(tmp_path / "nothing.journal")
    assert not done.ok
    assert "holds no config" in done.refused
    found = command("replay", tmp_path / "nothing.journal")
    assert found.returncode == 1
    assert "not replayed" in found.stdout


def test_a_journal_without_a_life_or_of_nothing_is_an_error(tmp_path):
    store = SqliteStore(tmp_path / "empty.journal")
    store.close()
    found = command("replay", tmp_path / "empty.journal")
    assert found.returncode == 4
    assert "no start row" in found.stderr
    found = command("replay", tmp_path / "missing.journal")
    assert found.returncode == 4
    assert "there is no journal at" in found.stderr


def test_the_verbs_left_out_are_those_that_the_daemon_takes_itself():
    watchers = Watch.handlers(SimpleNamespace(_obey=None))
    assert watchers.keys() | {"reload", "accept"} == NOT_FOR_THE_LOOP


def test_the_demo_writes_one_life_that_can_be_replayed():
    from importlib.resources import files

    from sim.demo.stage import Stage

    store = MemoryStore()
    stage = Stage(load(str(files("sim.demo") / "campaign.yaml")), store)
    for _ in range(12):
        stage.ours.turn()
    (start_row,) = store.records(kinds=("start",))
    assert "nothing real is touched" in start_row.data["note"]
    (done,) = replay(store)
    assert done.ok
    assert done.ticks == 12
