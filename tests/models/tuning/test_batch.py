"""The test batch: what it holds, and the robust tuner on some of each kind; benchmarks/bench_tuning.py does all."""

import numpy as np
import pytest

from models.tuning.batch import batch
from models.tuning.best_pi import best_pi
from models.tuning.closed_loop import simulate
from models.tuning.forms import Ideal
from models.tuning.process import FirstOrder
from models.tuning.robust import largest_gain, robust

SOME = ["P1 T=500", "P2 T=0.05", "P4 n=8", "P6 L=0.3", "P8 a=1.1", "P9 T=1"]


def test_every_process_is_there_once_and_in_the_form_it_is_written_in():
    members = {member.name: member.process for member in batch()}
    assert len(members) == len(batch()) == 133
    s = np.array([0.3j, 2j])
    t = 0.4
    assert members["P9 T=0.4"].response(s)[0] == pytest.approx(
        1 / ((s + 1) * ((s * t) ** 2 + 1.4 * s * t + 1))
    )
    assert members["P7 T=5 L=0.3"].response(s)[0] == pytest.approx(
        5 * np.exp(-0.3 * s) / ((1 + 5 * s) * (1 + 0.7 * s))
    )
    assert members["P8 a=1.1"].response(s)[0] == pytest.approx((1 - 1.1 * s) / (s + 1) ** 3)


@pytest.mark.parametrize("name", SOME)
def test_the_robust_tuner_is_within_five_per_cent_of_the_best_pi_at_its_ms(name):
    process = next(member.process for member in batch() if member.name == name)
    tuned, best = robust(process, ms=1.6), best_pi(process, 1.6)
    assert 1.5 < tuned.margins.ms[0] <= 1.6 * 1.002
    controllers = [tuned.controller, best.controller]
    reach = float(process.times().sum())
    dt = min(reach, float(best.controller.integral_time)) / 300
    ours, theirs = (
        float(simulate(each, process, duration=min(20 * reach, 4000 * dt), dt=dt, load=1.0).iae[0])
        for each in controllers
    )
    assert ours <= 1.05 * theirs


def test_a_slow_lag_under_a_short_integral_time_is_sound_beyond_the_gains_at_which_it_is_not():
    slow = FirstOrder(1.0, lag=200.0, dead_time=1.0)
    (gain,) = largest_gain(Ideal(1.0, 6.0), slow, 1.6)
    assert gain == pytest.approx(82, rel=0.02)


def test_one_controller_for_a_slow_and_a_quick_plant_is_sound_around_both():
    plants = FirstOrder(np.array([1.0, 1.0]), lag=np.array([4.0, 400.0]), dead_time=1.0)
    found = robust(plants)
    assert (found.margins.ms <= 1.6 * 1.002).all()
