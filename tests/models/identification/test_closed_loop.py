"""Plants found again in records of loops that were steering: intervals, sign, and what can't be told."""

import numpy as np
import pytest

from models.identification.closed_loop import felt, identify
from models.tuning.process import FirstOrder

PERIOD = 2.0


def plant(gain, lag=8.0, dead=3.0, samples=500, series=20, seed=1, steered=True, moved=0.15):
    """Records of a first-order plant with weather, steered by a slow integral and a random step every three periods."""
    rng = np.random.default_rng(seed)
    u, y = np.zeros((samples, series)), np.zeros((samples, series))
    f, weather, output = np.full(series, 0.5), np.zeros(series), np.full(series, 0.5)
    line = [np.full(series, 0.5)] * 20
    keep, late = np.exp(-PERIOD / lag), dead / PERIOD
    whole, part = int(late), late - int(late)
    test = np.zeros(series)
    for t in range(samples):
        if t % 3 == 0:
            test = moved * rng.choice([-1.0, 1.0], series)
        u[t] = np.clip(output + test, 0, 1)
        line = [u[t], *line[:-1]]
        f = keep * f + (1 - keep) * ((1 - part) * line[whole] + part * line[whole + 1])
        weather = 0.7 * weather + 0.05 * np.sqrt(1 - 0.49) * rng.normal(size=series)
        y[t] = np.exp(gain * (f - 0.5) + weather + 0.03 * rng.normal(size=series))
        if steered:
            output = np.clip(output + 0.05 * np.sign(gain or 1.0) * (1 - y[t]), 0.2, 0.8)
    return u, y


def test_gain_lag_and_dead_time_lie_in_their_intervals_nine_times_in_ten():
    u, y = plant(0.5, series=60)
    found = identify(u, y, period=PERIOD)
    for name, true in (("gain", 0.5), ("lag", 8.0), ("dead_time", 3.0)):
        low, high = found.interval(name)
        assert 0.75 <= np.mean((low <= true) & (true <= high)) <= 1.0, name
        assert (low < high).all()
    assert found.verdict.count("ok") > 50


def test_more_data_make_shorter_intervals():
    u, y = plant(0.5, samples=1200, series=10)
    short, long = identify(u[:300], y[:300], period=PERIOD), identify(u, y, period=PERIOD)
    width = [np.diff(found.interval("gain"), axis=0).mean() for found in (short, long)]
    assert width[1] < 0.7 * width[0]


def test_a_lever_that_works_the_other_way_is_found_before_anything_else():
    u, y = plant(-0.5)
    found = identify(u, y, period=PERIOD, direction="raises")
    assert found.verdict.count("wrong sign") >= 18
    assert "the opposite" in found.said[found.verdict.index("wrong sign")]
    assert identify(u, y, period=PERIOD, direction="lowers").verdict.count("ok") >= 18


def test_a_dead_lever_is_never_called_good():
    u, y = plant(0.0, series=100)
    found = identify(u, y, period=PERIOD)
    assert sum(each in ("none", "can't tell") for each in found.verdict) >= 95


def test_an_output_that_never_moved_says_nothing():
    u, y = plant(0.5, moved=0.0, steered=False)
    found = identify(u, y, period=PERIOD)
    assert set(found.verdict) == {"can't tell"}
    assert "hardly moved" in found.said[0]


def test_a_measurement_that_never_changed_says_nothing():
    u, y = plant(0.5, series=1)
    assert "never changed" in identify(u, np.ones_like(y), period=PERIOD).said[0]


def test_few_samples_say_nothing():
    u, y = plant(0.5, series=1)
    y[30:] = np.nan
    assert identify(u, y, period=PERIOD).said[0] == "too few samples: 30, 40 at least are needed"


def test_gaps_cost_knowledge_and_nothing_else():
    u, y = plant(0.5)
    holes = y.copy()
    holes[::3] = np.nan
    whole, found = identify(u, y, period=PERIOD), identify(u, holes, period=PERIOD)
    assert np.diff(found.interval("gain"), axis=0).mean() > np.diff(whole.interval("gain"), axis=0).mean()
    low, high = found.interval("gain")
    assert np.mean((low <= 0.5) & (high >= 0.5)) >= 0.8


def test_series_side_by_side_are_what_they_are_alone():
    u, y = plant(0.5, series=3)
    together, alone = identify(u, y, period=PERIOD), identify(u[:, 1], y[:, 1], period=PERIOD)
    assert together.gain[:, 1] == pytest.approx(alone.gain[:, 0], rel=1e-9)
    assert together.verdict[1] == alone.verdict[0]


def test_its_plants_stand_for_its_interval():
    u, y = plant(0.5, series=1)
    found = identify(u, y, period=PERIOD)
    model, weight = found.plants(0)
    assert isinstance(model, FirstOrder)
    assert weight.sum() == pytest.approx(1.0)
    assert float(weight @ model.gain) == pytest.approx(float(found.weight[:, 0] @ found.gain[:, 0]), rel=0.05)


def test_what_is_felt_is_the_exact_answer_to_a_held_input():
    u = np.zeros((12, 1))
    u[2:] = 1.0
    f = felt(u, np.array([4.0]), np.array([1.5]))[:, 0, 0]
    # The step at the start of period 2 is felt 1.5 periods later, in the middle of period 3.
    assert f[:3] == pytest.approx(0.0)
    assert f[3] == pytest.approx((1 - np.exp(-1 / 4)) * 0.5)
    assert (np.diff(f[3:]) > 0).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"put_in": ["a", "b"]}, "allowed are arrays of numbers"),
        ({"put_in": np.ones(3)}, "got shapes"),
        ({"put_in": np.array([np.nan, 1.0])}, "it is known what was in force"),
        ({"measured": np.array([0.0, 1.0])}, "got values of 0 or less"),
        ({"measured": np.array([np.nan, np.nan])}, "no sample at all"),
        ({"period": 0.0}, "period: got 0.0"),
        ({"lags": (0.0,)}, "allowed are times above 0"),
    ],
)
def test_what_can_t_be_used_is_refused_by_name(change, said):
    given = {"put_in": np.array([0.0, 1.0]), "measured": np.ones(2), "period": 1.0} | change
    with pytest.raises(ValueError, match=said):
        identify(given.pop("put_in"), given.pop("measured"), **given)
