"""A ratio of few events as a sensor: it leans on its prior, knows its width, and is uncertain below a count."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.clock import TickMaker
from controller.loop.validation import Rules, Validator
from controller.plan import Sensor
from controller.quantities import Amount, QuantityError
from controller.sensors._posterior import Posterior
from controller.sensors.formula import FormulaSensor, Settings
from controller.signals import Quality, Reading, Verdict
from models.pacing.ratio import of_amount_per_event, of_share
from tests.config.sample import TEXT, said
from tests.sensors.worlds import HOUR, NOON

CELLS = Cells(("a", "b"))
TICK = TickMaker(CELLS, 60.0).at(NOON)


def reading(value, unit="CNY", hours=24):
    value = np.array(value, float)
    return Reading(
        "x",
        unit,
        value,
        NOON - hours * HOUR,
        NOON,
        np.full(2, NOON),
        np.full(2, np.nan),
        np.zeros(2, np.int8),
    )


def cost(spend, sales, **more):
    belief = Posterior(of="per_event", prior=Amount.parse("12 CNY"), weight=10.0, **more)
    sensor = FormulaSensor(
        Sensor(kind="formula", unit="CNY"), Settings(value="spend / sales", posterior=belief), CELLS
    )
    return sensor.read_from(TICK, {"spend": spend, "sales": sales})


def test_its_value_and_width_are_those_of_the_posterior():
    found = cost(reading([50.0, 50_000.0]), reading([5.0, 5000.0], "units"))
    expected = of_amount_per_event(np.array([50.0, 50_000.0]), np.array([5.0, 5000.0]), 12.0, 10.0)
    assert found.value.tolist() == expected.mean.tolist()
    assert found.spread.tolist() == expected.spread.tolist()
    assert found.quality.tolist() == [Quality.GOOD, Quality.GOOD]


def test_rates_count_for_their_whole_window_in_whatever_span_they_are_written():
    by_count = cost(reading([50.0, 500.0]), reading([5.0, 50.0], "units"))
    by_rate = cost(reading([50.0, 500.0], "CNY/day"), reading([5.0 / 24, 50.0 / 24], "units/h"))
    np.testing.assert_allclose(by_rate.value, by_count.value, rtol=1e-12)
    np.testing.assert_allclose(by_rate.spread, by_count.spread, rtol=1e-12)


def test_without_a_sale_it_is_no_division_by_zero_but_nearly_the_prior():
    found = cost(reading([0.0, 6.0]), reading([0.0, 0.0], "units"))
    assert found.value.tolist() == [12.0, pytest.approx(12.6)]
    assert np.isfinite(found.spread).all()


def test_below_a_count_it_is_uncertain_and_validation_takes_that_as_declared():
    found = cost(reading([50.0, 500.0]), reading([2.0, 50.0], "units"), certain_from=3)
    assert found.quality.tolist() == [Quality.UNCERTAIN, Quality.GOOD]
    strict, lenient = (
        Validator("cost", Rules(uncertain_is_good=good, window=24 * HOUR), CELLS) for good in (False, True)
    )
    assert strict.take(found, NOON).verdict.tolist() == [Verdict.BAD_DATA, Verdict.OK]
    assert lenient.take(found, NOON).verdict.tolist() == [Verdict.OK, Verdict.OK]


def test_a_signal_carries_the_width_of_its_own_value_through_a_restart():
    validator = Validator("cost", Rules(window=24 * HOUR), CELLS)
    first = validator.take(cost(reading([50.0, 500.0]), reading([5.0, 50.0], "units")), NOON)
    assert first.spread is not None
    assert (first.spread > 0).all()
    other = Validator("cost", Rules(window=24 * HOUR), CELLS)
    other.restore(validator.state())
    assert other.take(None, NOON + 60.0).spread.tolist() == first.spread.tolist()


def test_a_share_can_not_be_more_than_its_trials():
    belief = Posterior(of="share", prior=Amount.parse("20%"), weight=5.0)
    sensor = FormulaSensor(
        Sensor(kind="formula", unit="share"), Settings(value="hits / sent", posterior=belief), CELLS
    )
    found = sensor.read_from(
        TICK, {"hits": reading([3.0, 9.0], "count"), "sent": reading([10.0, 4.0], "count")}
    )
    expected = of_share(np.array([3.0, 4.0]), np.array([10.0, 4.0]), 0.2, 5.0)
    assert found.value.tolist() == expected.mean.tolist()


@pytest.mark.parametrize("text", ["spend / (sales + 1)", "spend * sales", "1 / sales", "spend / sales / 2"])
def test_a_posterior_is_that_of_one_sensor_over_another(text):
    with pytest.raises(QuantityError, match="one sensor over another"):
        Settings(value=text, posterior=Posterior(of="share", prior=Amount.parse("2%"), weight=1.0))


def test_a_belief_needs_weight_and_a_unit_that_fits():
    with pytest.raises(QuantityError, match="weight above zero"):
        Posterior(of="share", prior=Amount.parse("2%"), weight=0.0)
    settings = Settings(
        value="a / b", posterior=Posterior(of="per_event", prior=Amount.parse("2 EUR"), weight=1.0)
    )
    with pytest.raises(QuantityError, match="does not fit"):
        FormulaSensor(Sensor(kind="formula", unit="CNY"), settings, CELLS)


COST = """  cost:
    kind: formula
    value: paid / units
    unit: CNY
    posterior: {of: per_event, prior: 12 CNY, weight: 10, certain_from: 3}
actuators:
"""
CAREFUL = "guardrails: {careful: {kind: certainty, on: coupon, sensor: cost}, "


def test_it_is_written_in_the_config_and_a_guardrail_names_it():
    text = TEXT.replace("actuators:\n", COST).replace("guardrails: {", CAREFUL)
    assert said(text) == []
    lost = said(text.replace("sensor: cost}", "sensor: costs}"))
    assert len(lost) == 1
    assert "guardrails.careful.sensor: no sensor is called 'costs'; did you mean 'cost'?" in lost[0]
    plain = said(text.replace("sensor: cost}", "sensor: units}"))
    assert "units does not say how well it is known, allowed: a formula with `posterior:`" in plain[0]
