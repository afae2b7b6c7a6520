"""A calibrated market's demand, noise and gain stand where the simulator stands, each cell on a draw of its own."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from controller.cells import Cells
from models.draws import Draws
from models.plants.campaign import CampaignPlant
from sim.calibration.calibrated import Calibrated, Gain, Source
from sim.calibration.demand import CalibratedDemand, standing_on
from sim.calibration.fit import Wish, fit
from sim.calibration.holdout import HoldOut, Row
from sim.calibration.predict import histories
from sim.calibration.statistics import measured
from sim.market.market import Market, Timing
from tests.sim.calibration import kit

HOUR = 3600.0


def market(posterior, passed=True, closed=(), people=None):
    row = Row("lag-1 of residuals", 0.3 if passed else 3.0, 0.0, 1.0, (0.1, 0.9))
    return Calibrated(
        data=Source(
            "sales.csv",
            "0" * 64,
            2016,
            "units",
            "Asia/Shanghai",
            True,
            "2025-03-03",
            "2025-05-25",
            84,
            people,
        ),
        treated=(),
        closed=closed,
        posterior=posterior,
        gain=Gain(0.0, 2.0, False, "Not identified."),
        holdout=HoldOut(("2025-03-03", "2025-04-27"), ("2025-04-28", "2025-05-25"), (row,)),
    )


@pytest.fixture(scope="module")
def fitted():
    return market(fit(kit.series(kit.counted(84)[0]), Wish(draws=8)))


def test_demand_is_rate_times_volume_times_share_in_each_cell_s_own_zone(fitted):
    cells = Cells(("shanghai", "berlin"), zones=("Asia/Shanghai", "Europe/Berlin"))
    demand = CalibratedDemand(cells, fitted, np.array([3, 5]), volume=40.0)
    moment = datetime.fromisoformat("2025-04-02T17:30:00+08:00").timestamp()  # a Wednesday; 11:30 in Berlin
    drawn = fitted.posterior
    wanted = [drawn.level[3, 4] * drawn.profile[3, 48 + 17], drawn.level[5, 4] * drawn.profile[5, 48 + 11]]
    assert np.allclose(demand.at(moment), 40.0 * np.array(wanted) / 2)


def test_before_the_data_and_long_after_them_the_level_stays(fitted):
    demand = CalibratedDemand(Cells(("all",), zones=("Asia/Shanghai",)), fitted, np.array([0]))
    at = {
        year: demand.at(datetime.fromisoformat(f"{year}T18:00:00+08:00").timestamp())[0]
        for year in ("2019-06-03", "2035-06-04")
    }
    drawn = fitted.posterior
    assert at["2019-06-03"] == pytest.approx(drawn.level[0, 0] * drawn.profile[0, 18])
    assert at["2035-06-04"] == pytest.approx(drawn.level[0, -1] * drawn.profile[0, 18])


def test_a_day_that_is_closed_in_the_data_is_closed_every_year(fitted):
    demand = CalibratedDemand(
        Cells(("a", "b"), zones=("UTC", "Asia/Shanghai")), replace(fitted, closed=("12-25",)), np.array([0])
    )
    assert demand.at(datetime.fromisoformat("2031-12-25T12:00:00+00:00").timestamp()).tolist() == [0.0, 0.0]
    late = demand.at(datetime.fromisoformat("2031-12-25T18:00:00+00:00").timestamp())  # the 26th in Shanghai
    assert late[0] == 0.0
    assert (demand.at(datetime.fromisoformat("2031-12-24T12:00:00+00:00").timestamp()) > 0).all()


def test_replicas_equal_single_markets_bit_for_bit(fitted):
    own = Cells(("north", "south"), zones=("Asia/Shanghai",) * 2)
    draws = np.repeat(np.arange(5), 2)
    many = standing_on(fitted, draws)(own.replicated(5), 80.0, 0.6)
    for moment in (1_743_600_000.0, 1_800_000_000.0):
        each = [standing_on(fitted, np.array([n]))(own, 80.0, 0.6).at(moment) for n in range(5)]
        assert np.array_equal(many.at(moment), np.concatenate(each))


def test_noise_gain_lag_and_shape_are_those_of_the_cell_s_draw(fitted):
    index, drawn = np.array([7, 0, 7]), fitted.posterior
    noise = fitted.plant_noise(index)
    assert set(noise) == {"sd", "half_life", "dispersion", "growth"}
    for name, values in noise.items():
        assert np.array_equal(values, getattr(drawn, name)[index])
    assert np.array_equal(fitted.effect(index), drawn.gain[index])
    assert np.isnan(fitted.lag(index)["delay"]).all()
    assert np.isnan(fitted.heterogeneity(index)).all()


def test_the_statement_says_recorded_fitted_modelled_scale_zone_and_the_gain(fitted):
    said = CalibratedDemand(
        Cells(("all",)),
        replace(fitted, closed=("12-25",), data=replace(fitted.data, people=2469)),
        np.array([0]),
        80.0,
    ).statement()
    for word in (
        "Recorded", "sales.csv", "2,469 households, which are a sample", "Asia/Shanghai", "scaled 80 times", "Fitted",
        "hold-out passed", "25 December", "Modelled", "factor of 0 to 2", "Nothing real",
    ):  # fmt: skip
        assert word in said, word
    failed = CalibratedDemand(
        Cells(("all",)), market(fitted.posterior, passed=False), np.array([0])
    ).statement()
    assert "failed (lag-1 of residuals)" in failed
    assert "may not certify" in failed


def test_a_market_that_failed_refuses_by_name(fitted):
    failed = market(fitted.posterior, passed=False)
    assert fitted.certifies()
    assert fitted.refusal() == ""
    assert not failed.certifies()
    assert "lag-1 of residuals 3, band 0 to 1" in failed.refusal()
    assert failed.failed == ("lag-1 of residuals",)
    assert fitted.until == datetime.fromisoformat("2025-05-26T00:00:00+08:00").timestamp()


@pytest.mark.parametrize("draw", [-1, 8])
def test_what_can_t_be_is_refused(fitted, draw):
    with pytest.raises(ValueError, match="a posterior draw is 0 to 7"):
        CalibratedDemand(Cells(("all",)), fitted, np.array([draw]))
    with pytest.raises(ValueError, match="volume factor"):
        CalibratedDemand(Cells(("all",)), fitted, np.array([0]), volume=0.0)


def test_the_market_that_is_simulated_is_the_market_that_was_tested(fitted):
    """The real plant on the real market, levers off, against the histories of the hold-out: the same statistics."""
    size, days = 48, 70
    drawn = fitted.posterior
    calm = market(replace(drawn, growth=np.zeros(8)))
    index = np.arange(size) % 8
    cells = Cells(("shop",)).replicated(size)
    noise = calm.plant_noise(index)
    start = datetime.fromisoformat("2025-06-02T00:00:00+00:00").timestamp()
    ran = Market(
        CampaignPlant(parts={}, **noise), standing_on(calm, index)(cells, 1.0, 0.0), Draws(5), start=start, levers={},
        timing=Timing(step=HOUR, keep=(days + 1) * 86_400.0),
    )  # fmt: skip
    values = []
    for hour in range(1, days * 24 + 1):
        ran.advance_to(start + hour * HOUR)
        values.append(ran.window("units_scanned", start + hour * HOUR, HOUR)[0])
    first = datetime.fromisoformat("2025-06-02").toordinal()
    simulated = np.array(values).T.reshape(size, days, 24)
    predicted = histories(calm.posterior, first, days, 4 * size, Draws(6))
    known, weekday, shape = np.ones((days, 24), bool), np.arange(days) % 7, kit.profile().reshape(7, 24)
    ours, theirs = measured(predicted, known, weekday, shape), measured(simulated, known, weekday, shape)
    for name, values in ours.items():
        error = values.std() * (1 / size + 1 / (4 * size)) ** 0.5
        assert abs(theirs[name].mean() - values.mean()) < 4 * error, name
        assert 0.6 < theirs[name].std() / values.std() < 1.6, name
