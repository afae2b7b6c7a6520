"""A daemon and its certificate: found, in force, left by an edit, run out, replaced, and in the journal throughout."""

from pathlib import Path

import pytest

from controller.certificates import write
from controller.clock import DAY, ManualClock, iso
from controller.config import load
from controller.config.daemon import DaemonPlan, ListenPlan, StorePlan, WatchdogPlan
from controller.daemon.build import build
from controller.errors import ConfigError
from controller.ports import OperatorCommand
from controller.quantities import FileName
from controller.signals import Mode
from sim.replay.replay import replay
from tests.support.certificates import DATA_UNTIL, ISSUED, failed, put

CAMPAIGN = """\
campaign: trial
sensors:
  units: {kind: csv_file, file: units.csv, value_column: units, unit: units/h, stale_after: 365d, plausible: [0, 9000]}
actuators:
  win_rate: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%], max_step: 1 point,
             resolution: 0.01 points, lease: 3h, lease_by: target}
loops:
  sales: {every: 1m, measure: units, target: {keep_at: 115 units/h, band: 5%, over: 1h}, move: {win_rate: raises},
          policy: {kind: updown, step: 0.5 points}}
mode: auto
"""
START = ISSUED + DAY - (ISSUED + DAY) % 60
ENDS = DATA_UNTIL + 180 * DAY
NARROWER = ("[3%, 12%]", "[3%, 11%]")
OTHER_TARGET = ("115 units/h", "110 units/h")
OTHER_FILE = ("file: units.csv", "file: other.csv")


class Desk:
    """The folder of one daemon, whose time is turned by hand."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config, self.file = folder / "trial.yaml", folder / "trial.certificate.json"
        self.config.write_text(CAMPAIGN)
        row = f"time,units\n{iso(START - 60)},100\n"
        for name in ("units.csv", "other.csv"):
            (folder / name).write_text(row)
        off = ListenPlan(on=False)
        path, heart = (FileName(str(folder / name)) for name in ("trial.journal", "beat"))
        self.plan = DaemonPlan(
            store=StorePlan(path=path), page=off, metrics=off, watchdog=WatchdogPlan(heartbeat=heart)
        )
        self.clock = ManualClock(START)
        self.built = None

    def start(self, certificate=None):
        self.built = build(self.config, self.plan, self.clock, {}, certificate=certificate)
        return self

    def kill(self):
        self.built.service.loop.parts.store.close()
        self.built.watch.postman.shutdown()

    def turn(self, seconds=60.0):
        self.clock.advance(seconds)
        return self.built.service.turn(self.built.daemon.schedule.maker.at(self.clock.now()))

    def edit(self, *change):
        old, new = change
        text = self.config.read_text()
        assert text.count(old) == 1
        self.config.write_text(text.replace(old, new))

    def order(self, verb, **data):
        """Post an order, turn once; what the daemon answered."""
        ends = self.clock.now() + 365 * DAY if verb == "accept" else None
        self.store.post(OperatorCommand(verb, "kim", "because", data, ends))
        self.turn()
        return self.rows("command")[-1].data["done"]

    @property
    def store(self):
        return self.built.service.loop.parts.store

    @property
    def requested(self):
        return self.built.service.loop.parts.authority.requested

    def rows(self, *kinds):
        return list(self.store.records(kinds=kinds))

    def alarms(self):
        return {alarm.code for alarm in self.built.watch.desk.book.alarms() if alarm.raised_at is not None}


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    if made.built is not None:
        made.kill()


@pytest.fixture
def certified(desk):
    """A daemon in auto by the certificate beside its config."""
    put(desk.file, desk.config)
    desk.start()
    assert desk.turn().permitted
    return desk


def test_the_certificate_beside_the_config_lets_auto_act_at_once(certified):
    turn = certified.turn()
    assert turn.outputs["win_rate"].decided.mode.tolist() == [Mode.AUTO]
    assert turn.outputs["win_rate"].order is not None or turn.outputs["win_rate"].landing.tolist() == [0]
    assert turn.gate.startswith(f"certified until {iso(ENDS)}")
    assert certified.alarms() == set()


def test_the_start_row_says_which_certificate_was_in_force(certified):
    made = certified.built.gate.cover.certificate
    row = certified.rows("start")[-1].data["certificate"]
    assert row["covers"]
    assert (row["file"], row["sha256"], row["expires_at"]) == ("trial.certificate.json", made.digest, ENDS)
    assert row["envelope_sha256"] == made.envelope_digest
    assert row["gates"][0][:2] == ["loss", True]


def test_without_one_a_person_has_to_accept(desk):
    desk.start()
    assert desk.turn().gate == "no certificate covers this config; to accept it by name: setpoint accept"
    assert desk.rows("start")[-1].data["certificate"] == {
        "covers": False, "why": "no certificate covers this config", "file": "",
    }  # fmt: skip
    assert "accepted without a certificate by kim" in desk.order("accept")
    assert desk.turn().permitted


def test_one_that_was_not_passed_does_not(desk):
    write(failed(load(desk.config)), desk.file)
    desk.start()
    assert "the certificate was not passed: zero_gain (104 %" in desk.turn().gate


def test_a_named_one_is_taken_from_anywhere(desk, tmp_path):
    place = tmp_path / "elsewhere.json"
    put(place, desk.config)
    desk.start(place)
    assert desk.turn().permitted
    assert desk.rows("start")[-1].data["certificate"]["file"] == "elsewhere.json"


def test_a_named_one_that_can_t_be_used_stops_the_start_before_anything_is_made(desk, tmp_path):
    place = tmp_path / "elsewhere.json"
    place.write_text("{}")
    with pytest.raises(ConfigError, match=r"elsewhere.json:1:1 no certificate of setpoint"):
        desk.start(place)
    assert not (tmp_path / "trial.journal").exists()


def test_one_that_was_found_and_can_t_be_used_is_a_warning_and_no_alarm(desk, caplog):
    put(desk.file, desk.config)
    desk.file.write_text(desk.file.read_text().replace("12%", "15%"))
    desk.edit("mode: auto", "mode: advise")
    desk.start()
    (warning,) = (record for record in caplog.records if record.levelname == "WARNING")
    assert "changed after it was issued" in warning.getMessage()
    desk.turn()
    assert desk.alarms() == set()


# -- time -------------------------------------------------------------------------------------------------------------


def test_it_ends_by_itself_while_the_daemon_runs(certified):
    certified.turn(ENDS - 60 - certified.clock.now())
    assert certified.turn().gate.startswith("the certificate ran out at ")
    turn = certified.turn()
    assert not turn.permitted
    assert turn.outputs["win_rate"].decided.mode.tolist() == [Mode.ADVISE]
    assert (turn.mode, certified.requested) == (Mode.AUTO, Mode.AUTO)
    (alarm,) = (a for a in certified.built.watch.desk.book.alarms() if a.code == "gate_closed")
    assert "its data of 2025-06-05 must not be older than 180 days; to accept it by name" in alarm.text
    assert "certificate_ends" not in certified.alarms()


def test_it_says_two_weeks_before_that_it_ends(certified):
    certified.turn(ENDS - 15 * DAY - certified.clock.now())
    assert "certificate_ends" not in certified.alarms()
    certified.turn(DAY)
    (alarm,) = (a for a in certified.built.watch.desk.book.alarms() if a.code == "certificate_ends")
    assert alarm.text.startswith(f"auto is certified until {iso(ENDS)} only")


def test_a_new_certificate_at_a_reload_goes_on_where_the_old_one_ended(certified):
    certified.turn(ENDS - certified.clock.now())
    now = certified.clock.now()
    put(certified.file, certified.config, issued_at=now, data_until=now - DAY)
    said = certified.order("reload")
    assert said.startswith("reloaded: nothing has changed. Certificate: certified until ")
    assert certified.turn().permitted


# -- edits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [NARROWER, OTHER_TARGET], ids=["a narrower limit", "another target"])
def test_an_edit_that_leaves_the_envelope_drops_auto_to_advise_and_says_so(certified, change):
    certified.edit(*change)
    said = certified.order("reload")
    reason = "since the config has left the certificate's envelope: "
    assert f"Auto drops to advise, {reason}" in said
    assert certified.requested == Mode.ADVISE
    assert certified.turn().outputs["win_rate"].decided.mode.tolist() == [Mode.ADVISE]
    row = certified.rows("config")[-1].data
    assert (row["certificate"]["covers"], len(row["widened"])) == (False, 1)
    assert "reload_widened" in certified.alarms()


def test_back_inside_it_is_permitted_again_and_asked_for_by_a_person(certified):
    certified.edit(*OTHER_TARGET)
    certified.order("reload")
    certified.edit(*reversed(OTHER_TARGET))
    said = certified.order("reload")
    assert "drops to advise" not in said
    assert "Certificate: certified until " in said
    assert certified.turn().outputs["win_rate"].decided.mode.tolist() == [Mode.ADVISE]
    certified.order("mode", mode="auto")
    assert certified.turn().outputs["win_rate"].decided.mode.tolist() == [Mode.AUTO]


def test_back_inside_by_more_room_drops_auto_once_more(certified):
    certified.edit(*NARROWER)
    certified.order("reload")
    certified.order("mode", mode="auto")
    certified.edit(*reversed(NARROWER))
    assert "Auto drops to advise, since actuators.win_rate.limits" in certified.order("reload")
    assert certified.requested == Mode.ADVISE


def test_an_edit_outside_of_what_decides_changes_nothing(certified):
    certified.edit(*OTHER_FILE)
    said = certified.order("reload")
    assert "Auto drops" not in said
    assert "Certificate: certified until " in said
    turn = certified.turn()
    assert (turn.permitted, certified.requested) == (True, Mode.AUTO)


def test_a_certificate_for_the_edited_file_lets_auto_act_on(certified):
    certified.edit(*OTHER_TARGET)
    put(certified.file, certified.config)
    said = certified.order("reload")
    assert "Auto drops" not in said
    assert certified.turn().permitted


def test_a_certificate_that_is_taken_away_is_lost(certified):
    certified.file.unlink()
    assert "Auto drops to advise, since no certificate covers this config" in certified.order("reload")
    assert certified.requested == Mode.ADVISE


def test_a_person_s_word_for_the_same_file_outlives_it(certified):
    certified.order("accept")
    certified.file.unlink()
    assert "Auto drops" not in certified.order("reload")
    assert (certified.turn().permitted, certified.requested) == (True, Mode.AUTO)


def test_a_person_may_accept_the_edited_file_by_name(certified):
    certified.edit(*OTHER_TARGET)
    certified.order("reload")
    certified.order("accept")
    certified.order("mode", mode="auto")
    assert certified.turn().gate.startswith("accepted uncertified by kim until ")


def test_an_edit_after_a_person_s_word_alone_is_as_it_was(desk):
    desk.start()
    desk.order("accept")
    desk.edit(*OTHER_TARGET)
    assert "Auto drops" not in desk.order("reload")
    turn = desk.turn()
    assert (turn.permitted, desk.requested) == (False, Mode.AUTO)
    assert "edited after kim accepted it" in turn.gate


def test_a_named_certificate_that_is_spoilt_refuses_the_reload_whole(desk, tmp_path):
    place = tmp_path / "elsewhere.json"
    put(place, desk.config)
    desk.start(place)
    desk.turn()
    place.write_text("{}")
    desk.edit(*OTHER_TARGET)
    said = desk.order("reload")
    assert said.startswith("refused: the running config stays: ")
    assert "no certificate of setpoint" in said
    assert desk.turn().permitted
    assert "reload_failed" in desk.alarms()


def test_a_file_with_faults_leaves_the_certificate_in_force(certified):
    certified.edit("[3%, 12%]", "[3%, 12")
    assert certified.order("reload").startswith("refused")
    assert certified.turn().permitted


# -- lives ------------------------------------------------------------------------------------------------------------


def test_after_a_kill_the_next_life_goes_on_in_auto(certified):
    stands = certified.turn().outputs["win_rate"].applied[0]
    certified.kill()
    certified.start()
    turn = certified.turn()
    assert turn.permitted
    assert abs(turn.outputs["win_rate"].applied[0] - stands) <= 0.01 + 1e-12


def test_after_a_kill_it_stays_dropped(certified):
    certified.edit(*OTHER_TARGET)
    certified.order("reload")
    certified.kill()
    certified.start()
    turn = certified.turn()
    assert (turn.permitted, certified.requested) == (False, Mode.ADVISE)
    assert not certified.rows("start")[-1].data["certificate"]["covers"]


def test_an_edit_while_the_daemon_was_down_closes_the_gate(certified):
    certified.kill()
    certified.edit(*OTHER_TARGET)
    certified.start()
    turn = certified.turn()
    assert not turn.permitted
    assert (
        "the config has left the certificate's envelope: loops.sales.target.keep_at: 115 units/h then"
        in turn.gate
    )
    assert "gate_closed" in certified.alarms()


def test_a_journal_with_all_of_that_is_replayed_to_the_bit(certified):
    certified.turn()
    certified.edit(*OTHER_TARGET)
    certified.order("reload")
    certified.turn()
    certified.edit(*reversed(OTHER_TARGET))
    certified.order("reload")
    certified.order("mode", mode="auto")
    certified.turn(ENDS - certified.clock.now())
    certified.turn()
    (done,) = replay(certified.store)
    assert done.exact
    assert done.ok, done
