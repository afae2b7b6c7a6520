"""The `market:` block: every name mapped, known, in a fitting unit; all faults at once, each with what would fit."""

from dataclasses import replace

import pytest

from controller.config import load
from controller.errors import SetpointError
from models.plants.base import Knobs
from models.plants.campaign import build
from sim.market.mapping import check
from tests.house.places import ROOT

PLANT = build(Knobs())


@pytest.fixture
def campaign():
    return load(ROOT / "configs" / "cap_lottery.yaml")


def mapped(campaign, **changes):
    return replace(campaign, market=replace(campaign.market, **changes))


def unit(campaign, family, name, unit):
    plans = getattr(campaign, family)
    return replace(campaign, **{family: plans | {name: replace(plans[name], unit=unit)}})


@pytest.mark.parametrize("file", ["cap_lottery", "coupon_value", "push_frequency", "shortest", "practice"])
def test_what_ships_is_mapped(file):
    check(load(ROOT / "configs" / f"{file}.yaml"), PLANT)


def test_all_faults_are_told_at_once_with_what_would_fit(campaign):
    signals = {"units": "unit_scanned", "paid": "units_scanned"}
    with pytest.raises(SetpointError) as told:
        check(mapped(campaign, signals=signals), PLANT)
    first, second, third = str(told.value).splitlines()
    assert first.startswith("market.signals.units: the market has no 'unit_scanned'")
    assert "units_scanned" in first
    assert second.startswith("market.signals.paid: units_scanned is in units, paid in CNY; in CNY it has")
    assert "prizes_paid" in second
    assert "baskets" not in second
    assert third.startswith("market.signals: owed stands for nothing in the market; in CNY it has")


@pytest.mark.parametrize(
    ("family", "name", "another", "said"),
    [
        ("sensors", "units", "share", "units_scanned is in units, units in share"),
        ("sensors", "owed", "CNY/day", "prizes_owed is in money, owed in CNY/day"),
        (
            "actuators",
            "win_rate",
            "CNY",
            "win_probability is in share, win_rate in CNY; in CNY it has coupon_value",
        ),
        ("actuators", "win_rate", "push/week", "in push/week it has push_frequency"),
    ],
)
def test_another_unit_is_an_error_with_candidates(campaign, family, name, another, said):
    with pytest.raises(SetpointError, match=said.replace("/", "/")):
        check(unit(campaign, family, name, another), PLANT)


def test_a_name_that_is_not_declared_is_refused(campaign):
    levers = {**campaign.market.levers, "odds": "win_probability"}
    with pytest.raises(SetpointError, match=r"market.levers.odds: nothing of that name is declared"):
        check(mapped(campaign, levers=levers), PLANT)


def test_what_is_worked_out_of_other_sensors_stands_for_nothing_of_its_own(campaign):
    units = campaign.sensors["units"]
    derived = replace(campaign, sensors={**campaign.sensors, "twice": replace(units, kind="formula")})
    check(derived, PLANT)
    signals = {**campaign.market.signals, "twice": "baskets"}
    check(mapped(derived, signals=signals), PLANT)


def test_a_level_is_not_read_as_so_many_an_hour(campaign):
    signals = {**campaign.market.signals, "units": "active_reach"}
    with pytest.raises(SetpointError, match=r"units: active_reach is in count, units in units/h"):
        check(mapped(campaign, signals=signals), PLANT)
    check(mapped(unit(campaign, "sensors", "units", "count"), signals=signals), PLANT)


def test_a_market_without_a_fitting_signal_says_what_there_is(campaign):
    signals = {name: signal for name, signal in campaign.market.signals.items() if name != "units"}
    with pytest.raises(
        SetpointError, match=r"signals: units stands for nothing in the market; in units/h it has"
    ):
        check(mapped(campaign, signals=signals), PLANT)


def test_an_actuator_that_stands_for_nothing_is_told_with_the_levers_that_would_fit(campaign):
    with pytest.raises(
        SetpointError, match=r"market.levers: win_rate stands .*; in share it has win_probability"
    ):
        check(mapped(campaign, levers={}), PLANT)
