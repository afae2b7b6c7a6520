"""Alarms of a whole loop: at once where data are bad, one alarm a fault, none in a calm day."""

from dataclasses import replace

import numpy as np
import pytest

from controller.alarms import desk as alarm_desk
from controller.alarms.alarm import Happening, State, most_within
from controller.alarms.book import AlarmBook
from controller.alarms.desk import AlarmDesk
from controller.alarms.symptoms import Strain, of_leases
from controller.cells import Cells
from controller.life import keep
from controller.ports import OperatorCommand
from tests.support.world import World, campaign_with, policy_plan


class Watched:
    """A world with an alarm desk beside its loop."""

    def __init__(self, mode="auto", target=103.0):
        self.world = World(
            campaign_with(policy_plan("pid", gain=0.5, integral_time=1800.0), mode, target), Cells(("all",))
        )
        channels = {name: one.channel for name, one in self.world.loop.parts.dispatchers.items()}
        self.sent, self.counted = [], []
        leases = {name: one.lease for name, one in self.world.loop.parts.dispatchers.items()}
        self.desk = AlarmDesk(
            AlarmBook(), self.world.store, [lambda turn: of_leases(turn, leases)], Strain(channels), self.sent.append,
            self.counted.append,
        )  # fmt: skip

    def turns(self, count):
        for _ in range(count):
            turn = self.world.turn()
            keep(self.world.loop, turn.number, self.desk.saved())
            self.desk(turn)
        return [(event.kind.value, event.alarm.code, event.alarm.subject) for event in self.sent]


@pytest.mark.parametrize("lie", [np.nan, np.inf, -40.0, 1e12], ids=str)
def test_bad_data_alarm_within_the_tick_and_only_once(lie):
    watched = Watched()
    assert watched.turns(30) == []
    watched.world.sensor.fault = lambda reading: replace(reading, value=np.array([lie]))
    assert watched.turns(1) == [("raised", "held", "units")]
    assert watched.turns(15) == [("raised", "held", "units")]
    assert watched.turns(10) == [("raised", "held", "units"), ("raised", "fallback", "units")]


def test_a_silent_sensor_is_one_low_alarm_then_a_graver_one():
    watched = Watched()
    watched.turns(30)
    watched.world.sensor.fault = lambda reading: None
    assert watched.turns(3) == []
    assert watched.turns(60) == [
        ("raised", "sensor_silent", "units"), ("raised", "held", "units"), ("raised", "fallback", "units"),
    ]  # fmt: skip
    watched.world.sensor.fault = lambda reading: reading
    over = watched.turns(20)[3:]
    assert over == [("returned", "fallback", "units")]
    assert [alarm.state for alarm in watched.desk.book.alarms()] == [State.RETURNED]


def test_an_unreachable_target_is_one_alarm_and_its_lease_the_next():
    watched = Watched(target=140.0)
    watched.turns(30)
    watched.world.actuator.deaf = watched.world.actuator.blind = True
    found = watched.turns(40)
    assert [code for _, code, _ in found][:1] == ["unconfirmed"] or found[0][1] == "unreadable"
    assert len(found) <= 2
    assert {subject for _, _, subject in found} == {"win_rate"}


def test_a_calm_day_raises_nothing():
    watched = Watched()
    assert watched.turns(1440) == []
    assert watched.counted == []


def test_the_journal_holds_what_happened_and_a_reader_beside_the_daemon_sees_it():
    watched = Watched()
    watched.turns(30)
    watched.world.sensor.fault = lambda reading: replace(reading, value=np.array([np.nan]))
    watched.turns(2)
    rows = list(watched.world.store.records(kinds=("alarm",)))
    assert [row.data["event"] for row in rows] == ["raised"] == watched.counted
    (alarm,) = [alarm for alarm in alarm_desk.standing(watched.world.store) if alarm.state == State.UNACKED]
    assert (alarm.code, alarm.subject) == ("held", "units")
    done = watched.desk.book.obey(
        OperatorCommand("ack", "kim", "seen", {"subject": "units"}), watched.world.now
    )
    assert "acknowledged by kim" in done
    assert most_within([event for event in watched.sent if event.kind == Happening.RAISED]) == 1
