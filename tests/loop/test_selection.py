"""Several loops on one actuator: one wish counts, and the losers follow the value in force."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.plan import Select
from controller.quantities import Amount
from controller.targets import Target
from tests.support.world import World, campaign_with, policy_plan

ONE = Cells(("all",))
PID = policy_plan("pid", gain=0.5, integral_time=1800.0)


def two_loops(rule):
    plan = campaign_with(PID)
    loop = plan.loops["sales"]
    strict = type(loop)(
        every=loop.every,
        measure="units",
        target=Target(keep_at=Amount.parse("108 units/h")),
        move=loop.move,
        policy=PID,
    )
    select = Select(**{rule: ("sales", "strict")})
    return World(
        campaign_with(PID, loops={"sales": loop, "strict": strict}, select={"win_rate": select}), ONE
    )


@pytest.mark.parametrize(("rule", "kept"), [("lowest", 108.0), ("highest", 115.0)])
def test_the_selected_loop_keeps_its_target(rule, kept):
    run = two_loops(rule)
    assert run.turns(2500)[-1].signals["units"].value[0] == pytest.approx(kept, rel=0.01)


def test_a_loser_follows_and_takes_over_without_a_bump():
    run = two_loops("lowest")
    run.turns(2500)
    wishes = [
        {name: float(e.proposal.value["win_rate"][0]) for name, e in turn.executed.items()}
        for turn in run.turns(60)
    ]
    gaps = [abs(w["sales"] - w["strict"]) for w in wishes if w]
    assert max(gaps) < 0.0101, "a loser that wound up would be a whole range away"
    run.sensor.demand = lambda time: 130.0
    values = np.array([float(t.outputs["win_rate"].decided.value[0]) for t in run.turns(600)])
    assert np.abs(np.diff(values)).max() <= 0.01 + 1e-9
