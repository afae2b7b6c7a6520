"""Loops above loops, shared efforts and ways to a target are decided again from the journal, bit for bit."""

import numpy as np
import pytest

from controller.ports import OperatorCommand
from controller.why import Names, Teller
from sim.replay.replay import replay
from tests.loop.test_approach import CAMPAIGN as APPROACH
from tests.loop.test_approach import Plant as ApproachPlant
from tests.loop.test_cascade import CAMPAIGN as CASCADE
from tests.loop.test_cascade import Plant as CascadePlant
from tests.loop.test_split import CAMPAIGN as SPLIT
from tests.loop.test_split import Plant as SplitPlant
from tests.support.bench import Bench

RUNS = {
    "cascade": (CASCADE, CascadePlant),
    "split": (SPLIT, SplitPlant),
    "approach": (APPROACH, ApproachPlant),
}


def lived(kind):
    """A journal with a person's hand in it and two lives."""
    text, plant = RUNS[kind]
    run = Bench(text, plant())
    run.turns(40)
    name = next(iter(run.levers))
    command = OperatorCommand(
        "override", "kim", "because", {"channel": name, "value": run.campaign.actuators[name].low}
    )
    run.loop.obey(command, run.now)
    run.turns(20)
    run.loop.obey(OperatorCommand("resume", "kim", "because"), run.now)
    run.turns(7)
    run.build()
    run.turns(60)
    return run


@pytest.mark.parametrize("kind", RUNS)
def test_a_life_is_repeated(kind):
    (life,) = replay(lived(kind).store, life=2)
    assert life.refused == ""
    assert life.ok, life.tally
    assert life.ticks == 60


@pytest.mark.parametrize("kind", RUNS)
def test_why_tells_every_output_and_its_books_are_right(kind):
    run = lived(kind)
    teller = Teller(Names.of(run.store.last("start").data))
    told = [each for record in run.store.records(kinds=("tick",)) for each in teller.tell(record)]
    assert {each.channel for each in told} == set(run.loop.parts.dispatchers)
    for each in told:
        assert sum(each.terms.values()) - each.held_back == pytest.approx(each.move, abs=1e-9)
        assert np.isfinite(each.after)
