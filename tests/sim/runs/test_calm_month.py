"""A month in which nothing happens but chance: operators are left in peace."""

import pytest

from controller.alarms.alarm import most_within
from controller.alarms.book import AlarmBook
from controller.config import load
from sim.runs.runner import DAY, Run, finish, start
from sim.runs.trace import Trace


@pytest.fixture(scope="module")
def month():
    """Events of the alarm book over thirty days of the shipped lottery, and the run behind them."""
    book, events = AlarmBook(), []
    running = start(Run(campaign=load("configs/cap_lottery.yaml"), seconds=30 * DAY, seed=11))
    trace = finish(running, lambda turn: events.extend(book.take(turn.conditions, turn.tick.time)))
    return events, trace


def test_at_most_one_alarm_in_ten_minutes_of_a_calm_month(month):
    events, _ = month
    assert most_within([event for event in events if event.send], 600.0) <= 1


def test_a_calm_month_has_next_to_no_alarms_at_all(month):
    events, trace = month
    assert isinstance(trace, Trace)
    assert len([event for event in events if event.send]) <= 5
