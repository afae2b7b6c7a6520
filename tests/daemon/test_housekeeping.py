"""A journal over the years: what is too old goes, copies are made, and neither stops a turn."""

from controller.cells import Cells
from controller.config.daemon import StorePlan
from controller.daemon.housekeeping import Housekeeping
from controller.quantities import FileName
from controller.store.sqlite import SqliteStore
from tests.support.world import World, campaign_with, policy_plan


def world(tmp_path):
    store = SqliteStore(tmp_path / "a.journal")
    return World(campaign_with(policy_plan("fixed")), Cells(("all",)), store=store), store


def now(work):
    return work()


def test_old_records_go_and_the_loop_still_resumes(tmp_path):
    run, store = world(tmp_path)
    keeper = Housekeeping(store, StorePlan(keep=100 * 60.0), now)
    for turn in run.turns(2500):
        keeper(turn)
    ticks = list(store.records(kinds=("tick",)))
    assert 1000 <= len(ticks) < 2200
    assert run.now - ticks[-1].time < 1.0
    store.close()
    run.store = SqliteStore(tmp_path / "a.journal")
    before = run.loop.parts.facts.values()["moves.win_rate"]
    run.build()
    assert run.loop.parts.facts.values()["moves.win_rate"] == before


def test_copies_are_whole_journals(tmp_path):
    run, store = world(tmp_path)
    plan = StorePlan(backups=FileName(str(tmp_path / "copies")), backup_every=3600.0)
    keeper = Housekeeping(store, plan, now)
    for turn in run.turns(130):
        keeper(turn)
    copies = sorted((tmp_path / "copies").iterdir())
    assert len(copies) == 3
    copy = SqliteStore(copies[-1], readonly=True)
    assert copy.last("tick").time <= run.now


def test_a_copy_that_fails_is_tried_again_and_stops_nothing(tmp_path):
    run, store = world(tmp_path)
    place = tmp_path / "copies"
    place.write_text("not a folder")
    keeper = Housekeeping(store, StorePlan(backups=FileName(str(place))), now)
    keeper(run.turn())
    place.unlink()
    keeper(run.turn())
    assert len(list(place.iterdir())) == 1
