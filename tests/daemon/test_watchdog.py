"""The watchdog: nothing while the heart beats, the fallback within lease and one look, never over a successor."""

import json

import numpy as np
import pytest

from controller.cells import Cells
from controller.checks.actuators import order
from controller.clock import ManualClock
from controller.daemon.heartbeat import BadBeat, Beat, Heart, Pulse
from controller.daemon.watchdog import Deed, Watchdog, watch_over
from controller.signals import Epoch
from tests.actuators.worlds import NOON, FileWorld, HttpWorld
from tests.loop.test_faults import POLICIES
from tests.support.world import World, campaign_with

LEASE, EVERY = 600.0, 5.0


class Night:
    """A daemon that beats or does not, a target, and a watchdog that looks each five seconds."""

    def __init__(self, target, folder, patience=None) -> None:
        self.target, self.clock = target, ManualClock(NOON)
        self.path, self.patience = folder / "heartbeat.json", patience
        self.said = []
        self.value = order(target, 1, 0.0625, lease=LEASE)
        target.actuator().apply(self.value)
        self.reserved = Epoch(1, 1000)
        self.restart()

    def restart(self) -> None:
        names = {"win_rate": self.target.actuator()}
        self.dog = Watchdog(self.path, names, self.target.cells, "campaign", self.patience)

    def beat(self, **changes) -> None:
        stopped = np.zeros(len(self.target.cells), np.bool_)
        pulse = Pulse(self.reserved, LEASE, self.value.fallback, stopped)
        beat = Beat("campaign", self.clock.now(), {"win_rate": pulse, "other": pulse} | changes)
        self.path.write_bytes(beat.written(self.target.cells))

    def looks(self, seconds: float) -> list[Deed]:
        """What it did while this time passed."""
        found = []
        for _ in range(round(seconds / EVERY)):
            self.clock.advance(EVERY)
            reports = self.dog.step(self.clock.now(), self.clock.monotonic())
            self.said += reports
            found += [report.deed for report in reports]
        return found

    def in_fallback(self) -> bool:
        return self.target.in_force().tolist() == self.value.fallback.tolist()


@pytest.fixture(params=["file", "http"])
def night(request, tmp_path):
    target = FileWorld(tmp_path) if request.param == "file" else HttpWorld()
    made = Night(target, tmp_path)
    yield made
    target.close()


def test_nothing_is_done_while_the_heart_beats(night):
    for _ in range(30):
        night.beat()
        assert night.looks(60.0) == []
    assert night.target.in_force().tolist() == night.value.value.tolist()


def test_the_fallback_stands_within_the_lease_and_one_look(night):
    night.beat()
    assert night.looks(LEASE - EVERY) == []
    assert not night.in_fallback()
    assert night.looks(EVERY) == [Deed.WROTE]
    assert night.in_fallback()
    assert night.looks(3600.0) == [Deed.IN_FORCE]


def test_a_watchdog_that_starts_after_the_daemon_died_counts_from_the_last_beat(night):
    night.beat()
    night.clock.advance(LEASE)
    night.restart()
    assert night.looks(EVERY) == [Deed.WROTE]


def test_it_goes_on_until_the_fallback_is_read_back(tmp_path):
    night = Night(HttpWorld(), tmp_path)
    night.beat()
    night.looks(LEASE - EVERY)
    night.target.cut_off()
    assert night.looks(60.0) == [Deed.FAILED]
    night.target.restore()
    assert night.looks(EVERY) == [Deed.WROTE]
    assert night.in_fallback()
    night.target.close()


def test_an_answer_that_was_lost_is_no_reason_to_write_twice(tmp_path):
    night = Night(HttpWorld(), tmp_path)
    night.beat()
    night.looks(LEASE - EVERY)
    night.target.lose_answers()
    night.looks(EVERY)
    night.target.restore()
    night.looks(60.0)
    assert night.in_fallback()
    assert night.target.applications() == 2
    night.target.close()


def test_a_successor_is_never_overwritten(night):
    night.beat()
    newer = order(night.target, 1, 0.125, term=2)
    night.target.actuator().apply(newer)
    assert night.looks(LEASE + 60.0) == [Deed.SUPERSEDED]
    assert night.target.in_force().tolist() == newer.value.tolist()


def test_when_the_daemon_is_back_its_next_order_replaces_the_fallback(night):
    night.beat()
    night.looks(LEASE + EVERY)
    assert night.in_fallback()
    night.value = order(night.target, 1001, 0.0625, lease=LEASE)
    night.target.actuator().apply(night.value)
    night.reserved = Epoch(1, 2000)
    night.beat()
    assert night.looks(LEASE - EVERY) == [Deed.BEATING]
    assert night.target.in_force().tolist() == night.value.value.tolist()


def test_patience_may_be_shorter_than_the_lease(tmp_path):
    night = Night(FileWorld(tmp_path), tmp_path, patience=30.0)
    night.beat()
    assert night.looks(30.0 - EVERY) == []
    assert night.looks(EVERY) == [Deed.WROTE]


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_step_of_the_clock_neither_wakes_nor_blinds_it(night, step):
    night.beat()
    night.looks(EVERY)
    night.clock.step(step)
    assert night.looks(LEASE - 2 * EVERY) == []
    assert night.looks(EVERY) == [Deed.WROTE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"version": 2, "orders": {}}',
        '{"version": 1, "campaign": "campaign", "time": 1}',
        '{"version": 1, "campaign": "campaign", "time": NaN, "orders": {}}',
    ],
)
def test_a_heartbeat_that_can_not_be_read_is_said_once_and_the_last_one_counts(night, text):
    night.path.write_text(text)
    assert night.looks(LEASE * 2) == [Deed.BLIND]
    assert not night.in_fallback()
    night.beat()
    assert night.looks(EVERY) == [Deed.BEATING]
    night.path.write_text(text)
    assert night.looks(LEASE - EVERY) == [Deed.BLIND, Deed.WROTE]


def test_another_campaigns_heart_is_not_ours(night):
    night.path.write_bytes(Beat("another", NOON - 1e6, {}).written(night.target.cells))
    assert night.looks(60.0) == [Deed.BLIND]
    assert "campaign 'another', expected 'campaign'" in night.said[0].text


def test_before_the_first_heartbeat_it_waits(night):
    assert night.looks(60.0) == [Deed.BLIND]
    assert night.dog.age(night.clock.monotonic()) is None


def test_a_beat_is_read_as_it_was_written(night):
    suspend = np.array([True, False, True])
    pulse = Pulse(Epoch(3, 9), 12.5, np.array([0.1, 0.2, 0.3]), suspend)
    night.beat(mine=pulse)
    found = Beat.read(night.path, night.target.cells).pulses["mine"]
    assert (found.epoch, found.lease) == (Epoch(3, 9), 12.5)
    assert found.fallback.tolist() == [0.1, 0.2, 0.3]
    assert found.suspend.tolist() == suspend.tolist()


@pytest.mark.parametrize(
    "change", [{"fallback": {}}, {"fallback": {"s1": None}}, {"epoch": [1]}, {"lease": True}]
)
def test_an_order_in_a_beat_that_is_not_whole_spoils_the_beat(night, change):
    night.beat()
    document = json.loads(night.path.read_text())
    document["orders"]["win_rate"] |= change
    night.path.write_text(json.dumps(document))
    with pytest.raises(BadBeat):
        Beat.read(night.path, night.target.cells)


def test_the_runner_looks_until_it_is_told_to_stop(night):
    night.beat()
    waits, said = [], []

    def wait(seconds):
        waits.append(seconds)
        night.clock.advance(seconds)
        return len(waits) > 130

    watch_over(night.dog, night.clock, wait, EVERY, said.append)
    assert set(waits) == {EVERY}
    assert [report.deed for report in said] == [Deed.WROTE, Deed.IN_FORCE]


# -- the daemon's side ----------------------------------------------------------------------------------------------


def test_a_beats_epoch_lies_above_all_before_the_next_beat_and_below_all_after_it(tmp_path):
    run = World(campaign_with(POLICIES["updown"]), Cells(("all",)))
    parts = run.loop.parts
    heart = Heart(tmp_path / "beat", lambda: parts, lambda: ("win_rate",))
    beats, sent = [], []
    for n in range(60):
        turn = run.turn()
        sent.append(run.actuator.log[-1].epoch if run.actuator.log else Epoch(0, 0))
        if n % 7 == 3:
            beats.append(beats[-1])  # the disk was full
            continue
        heart(turn)
        beat = Beat.read(heart.path, parts.cells)
        assert (beat.campaign, beat.time) == ("test", turn.tick.time)
        beats.append(beat.pulses["win_rate"])
        standing = parts.dispatchers["win_rate"].standing
        assert beats[-1].standing == (standing is not None)
        if standing is not None:
            assert beats[-1].fallback.tolist() == standing.fallback.tolist()
            assert beats[-1].lease == standing.lease
    assert len(set(sent)) > 10
    for n in range(59):
        assert sent[n + 1] < beats[n].epoch, "sent before the next beat"
        if n and beats[n].epoch != beats[n - 1].epoch and sent[n + 1] != sent[n]:
            assert sent[n + 1] > beats[n - 1].epoch, "sent after the next beat"
    assert [c.epoch for c in run.actuator.log] == sorted({c.epoch for c in run.actuator.log})


def test_an_order_that_was_sent_after_the_last_beat_is_replaced_as_well(night):
    night.beat()
    night.target.actuator().apply(order(night.target, night.reserved.sequence - 1, 0.125, lease=LEASE))
    night.looks(LEASE)
    assert night.in_fallback()


def test_where_no_order_stood_a_value_set_by_hand_is_left_alone_and_an_order_sent_since_is_not(tmp_path):
    night = Night(FileWorld(tmp_path), tmp_path)
    night.target.path.unlink()
    pulse = Pulse(night.reserved, LEASE, night.value.fallback, np.zeros(3, np.bool_), standing=False)
    night.beat(win_rate=pulse)
    assert night.looks(LEASE + 60.0) == []
    night.target.actuator().apply(night.value)
    assert night.looks(EVERY) == [Deed.WROTE]
    assert night.in_fallback()


def test_where_no_watchdog_is_asked_for_no_file_is_written(tmp_path):
    run = World(campaign_with(POLICIES["fixed"]), Cells(("all",)))
    heart = Heart(tmp_path / "beat", lambda: run.loop.parts, tuple)
    heart(run.turn())
    assert not heart.path.exists()
