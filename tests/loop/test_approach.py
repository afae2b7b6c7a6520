"""A target that is approached: from where the measured value is, at its own pace, again after a person's hand."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.loop.approach import Approach
from controller.ports import OperatorCommand
from tests.support.bench import Bench, decided

CAMPAIGN = """
campaign: ramp
runs: {scan: 10m}
sensors:
  units: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, stale_after: 1h, hold_for: 2h}
actuators:
  odds: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%]}
loops:
  sales: {every: 10m, measure: units, target: {keep_at: 120 units/h, ramp: 12 units/h per h}, move: {odds: raises},
          policy: {kind: pid, gain: 0.5, integral_time: 1h}}
mode: auto
auto_accepts: [odds]
"""


class Plant:
    def __init__(self):
        self.units, self.demand = None, 100.0

    def __call__(self, levers, probes, time):
        aim = self.demand * (1 + 0.5 * (levers["odds"].value - 0.03) / 0.09)
        self.units = aim if self.units is None else self.units + 0.3 * (aim - self.units)
        probes["units"].value = self.units.copy()


def bench(text=CAMPAIGN):
    return Bench(text, Plant())


def setpoints(turns):
    return np.array([float(turn.setpoints["sales"][0]) for turn in turns])


def said(verb, **data):
    return OperatorCommand(verb, "kim", "because", data)


def test_the_way_begins_at_the_measured_value_and_ends_at_the_target():
    way = setpoints(bench().turns(20))
    np.testing.assert_allclose(way[:12], np.minimum(100.0 + 2.0 * np.arange(12), 120.0))
    assert (way[11:] == 120.0).all()


def test_a_ramp_spares_the_output_the_kick_of_a_jump():
    """Without a ramp the proportional part would answer the whole gap at once."""
    jump = bench(CAMPAIGN.replace(", ramp: 12 units/h per h", ""))
    assert np.abs(np.diff(decided(bench().turns(40), "odds")[:, 0])).max() < 0.006
    first = decided(jump.turns(3), "odds")[:, 0]
    moved = jump.build(
        CAMPAIGN.replace("ramp: 12 units/h per h", "band: 5%").replace("120 units", "145 units")
    )
    assert moved is None
    assert decided(jump.turns(1), "odds")[0, 0] - first[-1] > 0.006


def test_a_new_target_is_approached_from_the_old_one_through_a_restart():
    run = bench()
    run.turns(100)
    run.build(CAMPAIGN.replace("120 units", "130 units"))
    way = setpoints(run.turns(7))
    np.testing.assert_allclose(way, [122.0, 124.0, 126.0, 128.0, 130.0, 130.0, 130.0])


def test_a_filter_takes_sixty_three_per_cent_of_the_way_in_its_time_at_any_step():
    cells, level, measured, no = Cells(("all",)), np.array([10.0]), np.array([0.0]), np.array([False])
    ends = []
    for steps in ([3600.0], [600.0] * 6, [100.0, 3500.0]):
        way = Approach(None, 3600.0, cells)
        way.towards(level, measured, no, 60.0)
        ends.append([float(way.towards(level, measured, no, dt)[0]) for dt in steps][-1])
    np.testing.assert_allclose(ends, 10.0 * (1 - np.exp(-1)), rtol=1e-12)


def test_after_a_person_s_value_the_way_begins_where_that_has_led():
    run = bench()
    run.turns(100)
    run.loop.obey(said("override", channel="odds", value=0.03), run.now)
    held = setpoints(run.turns(40))
    assert held[-1] == pytest.approx(100.0, rel=0.01)
    run.loop.obey(said("resume"), run.now)
    back = setpoints(run.turns(12))
    assert back[0] < 103.0
    assert np.diff(back).max() == pytest.approx(2.0)
    assert back[-1] == 120.0


def test_a_lost_sensor_begins_the_way_anew():
    run = bench()
    run.turns(100)
    plant, run.plant = (
        run.plant,
        lambda levers, probes, time: setattr(probes["units"], "value", np.array([np.nan])),
    )
    run.turns(30)
    plant.units, run.plant = np.array([90.0]), plant
    levels = setpoints(run.turns(10))
    assert levels[0] < 100.0
    assert np.diff(levels).max() < 2.2, "not the whole gap at once"


@pytest.mark.parametrize("kill_at", [3, 8, 40])
def test_a_life_cut_in_two_goes_on_bit_for_bit(kill_at):
    whole, cut = bench(), bench()
    turns = whole.turns(60)
    got = cut.turns(kill_at)
    cut.build()
    got += cut.turns(60 - kill_at)
    assert (setpoints(got) == setpoints(turns)).all()
    assert (decided(got, "odds") == decided(turns, "odds")).all()


def test_a_cell_alone_is_as_among_others():
    luck, many = np.random.default_rng(1), 50
    cells = Cells(("all",)).replicated(many)
    rate, level = luck.uniform(0.1, 3.0, many), luck.uniform(0.0, 10.0, many)
    together = Approach(rate, 5.0, cells)
    alone = [Approach(rate[n : n + 1], 5.0, Cells(("all",)).replicated(1, n)) for n in range(many)]
    for _ in range(20):
        measured, anew, dt = (
            luck.uniform(0.0, 10.0, many),
            luck.uniform(size=many) < 0.1,
            float(luck.uniform(0.1, 9.0)),
        )
        both = together.towards(level, measured, anew, dt)
        each = [
            way.towards(level[n : n + 1], measured[n : n + 1], anew[n : n + 1], dt)[0]
            for n, way in enumerate(alone)
        ]
        assert (both == np.array(each)).all()
