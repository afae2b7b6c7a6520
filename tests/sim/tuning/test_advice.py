import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from controller.config import load
from controller.errors import SetpointError
from models.tuning.forms import Ideal
from models.tuning.margins import margins
from models.tuning.process import FirstOrder
from sim.cli.tune import tune
from sim.evidence.margins import margin_gates
from sim.tuning.advice import advise
from sim.tuning.controllers import controller_of
from sim.tuning.plants import Plants
from sim.tuning.words import data, lines

CONFIGS = Path(__file__).parents[3] / "configs"
HOUR = 3600.0


@pytest.fixture(scope="module")
def lottery():
    return load(CONFIGS / "cap_lottery.yaml")


def plants(*gains, lag=9 * HOUR, dead=3 * HOUR):
    gain = np.array(gains)
    return Plants(
        gain, np.full(len(gain), lag), np.full(len(gain), dead), np.full(len(gain), 1 / len(gain)), "a trial"
    )


@pytest.fixture(scope="module")
def advice(lottery):
    return advise(lottery, "sales", plants(0.2, 0.4, 0.8))


def test_what_is_proposed_is_robust_around_the_strongest_plant_in_a_sampled_loop(lottery, advice):
    half = lottery.loops["sales"].every / 2
    found = margins(advice.controller, FirstOrder(0.8, 9 * HOUR, 3 * HOUR + half))
    assert 1.5 < found.ms[0] <= 1.6
    assert advice.judged.passed


def test_what_the_file_has_is_judged_beside_it(lottery, advice):
    assert (advice.present.gain, advice.present.integral_time) == (0.718, 7 * HOUR)
    assert advice.present_judged.passed
    lively = advise(with_policy(lottery, "sales", gain=2.0), "sales", advice.plants)
    assert not lively.present_judged.passed
    assert "possible plants, allowed is 1.6" in lively.present_judged.said


def test_a_weaker_lever_is_given_a_higher_gain(lottery, advice):
    weak = advise(lottery, "sales", plants(0.1, 0.2, 0.4))
    assert weak.controller.gain == pytest.approx(2 * advice.controller.gain, rel=0.02)


def test_ziegler_and_nichols_are_warned_against(lottery, advice):
    told = "\n".join(lines(lottery, advice))
    assert next(rule for rule in advice.rules if rule.name == "Ziegler-Nichols").ms > 2
    assert "Ziegler-Nichols gain" in told
    assert "WARNING" in told.split("Ziegler-Nichols")[1]


def test_a_lever_that_may_be_dead_is_not_tuned(lottery):
    with pytest.raises(SetpointError, match="can't tell whether the lever works: in 50% of what is possible"):
        advise(lottery, "sales", plants(0.0, 0.4))


def test_a_lever_that_works_the_other_way_is_named(lottery):
    with pytest.raises(
        SetpointError, match=r"loops\.sales\.move: win_rate raises units, received the opposite in 100%"
    ):
        advise(lottery, "sales", plants(-0.4, -0.5))


def test_a_loop_that_acts_more_rarely_than_the_plant_answers_is_refused(lottery):
    slow = replace(lottery.loops["sales"], every=24 * HOUR)
    with pytest.raises(
        SetpointError, match=r"loops\.sales\.every: received 1d, but the lever has answered within 12 h"
    ):
        advise(replace(lottery, loops={"sales": slow}), "sales", plants(0.4))


def test_a_long_latency_refuses_auto_with_the_reason(lottery):
    late = advise(lottery, "sales", plants(0.4), latency=8 * HOUR)
    assert not late.judged.passed
    assert "readings and orders take 8 h already" in late.judged.said


def test_the_data_can_be_written_as_json(advice):
    found = json.loads(json.dumps(data(advice)))
    assert found["gains"]["gain"] == advice.controller.gain
    assert found["plants"]["gain"]["low"] < found["plants"]["gain"]["high"]


def with_policy(campaign, loop, **changed):
    plan = campaign.loops[loop]
    settings = replace(plan.policy.settings, **changed)
    return replace(campaign, loops={loop: replace(plan, policy=replace(plan.policy, settings=settings))})


def test_the_gate_of_margins_refuses_the_lively_and_passes_the_calm(lottery):
    (lively,) = margin_gates(with_policy(lottery, "sales", gain=1.5), None, 3)
    (passed,) = margin_gates(lottery, None, 3)
    loop = lottery.loops["sales"]
    fixed = replace(loop, policy=replace(loop.policy, kind="fixed", settings=None))
    (none,) = margin_gates(replace(lottery, loops={"sales": fixed}), None, 3)
    assert (lively.name, lively.passed, passed.passed, none.passed) == (
        "loops.sales: margins",
        False,
        True,
        True,
    )
    assert "see `setpoint tune`" in lively.said
    assert "no linear law" in none.said


def test_raw_gains_are_judged_as_the_normal_ones_that_they_are(lottery):
    policy = lottery.loops["sales"].policy
    span, level = 0.09, 28000 / 24
    raw = replace(policy.settings, form="parallel", gain=None, integral_time=None, kp=1.5 * span / level,
                  ki=1.5 * span / level / (9 * HOUR))  # fmt: skip
    loop = replace(lottery.loops["sales"], policy=replace(policy, settings=raw))
    found = controller_of(replace(lottery, loops={"sales": loop}), "sales")
    assert (found.gain, found.integral_time) == (pytest.approx(1.5), pytest.approx(9 * HOUR))
    assert isinstance(found, Ideal)


@pytest.fixture
def written(tmp_path):
    """A copy of the shipped lottery that may be written to."""
    for name in ("cap_lottery.yaml", "week.csv"):
        (tmp_path / name).write_bytes((CONFIGS / name).read_bytes())
    return tmp_path / "cap_lottery.yaml"


def test_the_command_writes_gains_that_it_then_lets_live(written):
    before = written.read_text().replace("gain: 0.718", "gain: 1.5")
    written.write_text(before)
    assert CliRunner().invoke(tune, [str(written), "--write"]).exit_code == 0
    again = CliRunner().invoke(tune, [str(written), "--json"])
    (found,) = json.loads(again.stdout)
    assert again.exit_code == 0
    assert found["in_the_file"] == found["gains"]
    assert found["in_the_file_go_live"]["passed"]
    changed = [
        (a, b) for a, b in zip(before.splitlines(), written.read_text().splitlines(), strict=True) if a != b
    ]
    assert len(changed) == 1


def test_raw_gains_are_written_for_a_policy_that_takes_them(tmp_path):
    path = tmp_path / "coupon.yaml"
    path.write_text((CONFIGS / "coupon_value.yaml").read_text().replace("kp: 0.00261", "kp: 0.008"))
    assert CliRunner().invoke(tune, [str(path)]).exit_code == 1
    assert CliRunner().invoke(tune, [str(path), "--write"]).exit_code == 0
    assert path.read_text() == (CONFIGS / "coupon_value.yaml").read_text()


@pytest.mark.parametrize("name", ["cap_lottery", "shortest", "push_frequency"])
def test_the_gains_that_are_shipped_may_go_live(name):
    assert all(gate.passed for gate in margin_gates(load(CONFIGS / f"{name}.yaml"), None, 3))


def test_a_loop_that_is_not_there_is_named(written):
    found = CliRunner().invoke(tune, [str(written), "--loop", "sale"])
    assert found.exit_code == 2
    assert "did you mean 'sales'?" in found.output
