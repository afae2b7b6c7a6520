"""What holds for every file of the folder: what it says, where it applies, that it adds and never overwrites."""

import inspect
import re
import sys
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

import sim.scenarios
from controller.assembly import cells_of
from controller.errors import UnknownKind
from models.twists.pantry import Pantry
from sim.instruments import Drive, Feed
from sim.market.disturbances import Promotion
from sim.market.world import World
from sim.scenarios import _family
from sim.scenarios._base import Scenario
from tests.sim.scenarios.kit import EVERYTHING, SHIPPED, applies, played, stage

KINDS = _family.kinds()
JARGON = re.compile(
    r"\b(actuator|setpoint|overshoot|dead time|integral|integrator|pid|transient|hazard|hawkes|plant|posterior|gain of"
    r"|non-minimum|stochastic|exogenous|elasticity of demand|windup|lag)\b",
    re.IGNORECASE,
)


@pytest.fixture
def many():
    """A world in which everything is already another one."""
    cells = cells_of(EVERYTHING).replicated(3)
    return cells, World(
        effect=np.array([0.5, 1.0, 1.5]),
        mechanism=np.array([0, 1, 2]),
        noise={"sd": np.full(3, 0.2)},
        disturbances=(Promotion(0.0, 1.0, 0.5),),
        twists=(Pantry(usual=1.3),),
        feeds={"*": Feed(delay=3600.0, settle=((0.0, 0.5), (3600.0, 1.0))), "opens": Feed(dropout=0.1)},
        drives={"coupon_value": Drive(delay=600.0)},
    )


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_happens_and_what_good_means(kind):
    module, found = import_module(f"sim.scenarios.{kind}"), _family.scenario(kind)
    page = inspect.getdoc(module)
    assert isinstance(found, Scenario)
    assert "Good: " in page
    assert len(page) > 200
    assert inspect.getdoc(found.world)
    for sentence in (found.about, found.good, found.source, *(gate.asks for gate in found.gates)):
        assert sentence
        assert not sentence.endswith(".")
        assert sentence[0].islower() or sentence[0].isdigit() or sentence[0] in "JCW"
        assert not JARGON.search(sentence), sentence
    assert found.gates
    assert found.least_weeks >= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SHIPPED)
def test_it_applies_to_every_shipped_config_or_says_why_not(kind, name):
    why = applies(kind, SHIPPED[name])
    assert not why or (len(why) > 20 and not why.endswith("."))
    if not why:
        campaign = _family.scenario(kind).campaign(SHIPPED[name])
        cells = cells_of(campaign)
        assert isinstance(_family.scenario(kind).world(stage(campaign, cells), World()), World)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_stands_in_every_report_applies_to_every_shipped_config(name):
    assert {kind for kind in _family.core() if kind in ("steady", "outage", "zero_gain")} == {
        kind for kind in ("steady", "outage", "zero_gain") if not applies(kind, SHIPPED[name])
    }


def test_the_core_is_what_every_report_must_hold():
    assert set(_family.core()) == {"steady", "shock", "zero_gain", "sign_reversal", "outage"}
    assert KINDS[0] == "steady"
    assert list(KINDS[1:]) == sorted(KINDS[1:])


def test_in_a_campaign_with_every_lever_all_of_them_apply():
    assert [kind for kind in KINDS if applies(kind, EVERYTHING)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_adds_to_the_world_it_is_given_and_takes_nothing_away(kind, many):
    cells, before = many
    campaign = _family.scenario(kind).campaign(EVERYTHING)
    if len(cells_of(campaign)) > 1:
        cells, before = cells_of(campaign).replicated(3), _spread(before, len(cells_of(campaign)))
    after = _family.scenario(kind).world(stage(campaign, cells), before)
    assert after.disturbances[: len(before.disturbances)] == before.disturbances
    assert after.twists[: len(before.twists)] == before.twists
    assert (after.demand, after.noise, after.drives) == (before.demand, before.noise, before.drives)
    assert after.mechanism is before.mechanism
    ratio = np.broadcast_to(after.effect / before.effect, (len(cells),)).reshape(3, -1)
    assert np.allclose(ratio, ratio[0])
    for name, feed in before.feeds.items():
        assert name in after.feeds
        assert after.feeds[name].dropout == feed.dropout
        assert after.feeds[name].delay >= feed.delay


def _spread(world, size):
    return replace(world, effect=np.repeat(world.effect, size), mechanism=np.repeat(world.mechanism, size))


@pytest.mark.parametrize("kind", KINDS)
def test_four_futures_in_one_array_are_separate_runs_bit_for_bit(kind):
    campaign = _family.scenario(kind).campaign(EVERYTHING)
    own = cells_of(campaign)
    effect = np.repeat([0.5, 1.0, 1.5, 1.0], len(own))
    whole = played(kind, campaign, own.replicated(4), World(effect=effect), days=1.0)
    for first, count in ((0, 1), (1, 3)):
        mine = slice(first * len(own), (first + count) * len(own))
        cells = own.replicated(count, first=first)
        alone = played(kind, campaign, cells, World(effect=effect[mine]), days=1.0)
        for name, rows in alone.totals.items():
            assert np.array_equal(np.array(rows), np.array(whole.totals[name])[:, mine]), name
        for name, rows in alone.levers.items():
            assert np.array_equal(np.array(rows), np.array(whole.levers[name])[:, mine]), name


@pytest.fixture(scope="module")
def calm():
    return _rows(played("steady", EVERYTHING, cells_of(EVERYTHING), days=2.0))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "steady"])
def test_something_happens_in_it(kind, calm):
    """Something of what the calm market shows or does is another."""
    campaign = _family.scenario(kind).campaign(EVERYTHING)
    assert _rows(played(kind, campaign, cells_of(campaign), days=2.0)) != calm


def _rows(trace):
    return [np.array(rows).tolist() for rows in (*trace.totals.values(), *trace.levers.values())]


PEOPLED = [(kind, "counts") for kind in KINDS] + [(kind, "agents") for kind in _family.core()]


@pytest.mark.parametrize(("kind", "fidelity"), PEOPLED)
def test_it_is_played_against_consumers_too(kind, fidelity):
    market = EVERYTHING.market
    settings = {**market.settings, "fidelity": fidelity, "people": 2000}
    people = replace(EVERYTHING, market=replace(market, kind="consumers", settings=settings))
    assert applies(kind, people) == ""
    campaign = _family.scenario(kind).campaign(people)
    trace = played(kind, campaign, cells_of(campaign), days=0.25)
    assert all(np.isfinite(np.array(rows)).all() for rows in trace.totals.values())


def test_a_scenario_is_one_file_and_no_other_edit(tmp_path, monkeypatch):
    planted = tmp_path / "rain.py"
    planted.write_text('''
"""Rain: a wet week sells less. Good: nothing much."""

from dataclasses import replace

from sim.market.disturbances import Promotion
from sim.scenarios._base import DAY, Scenario
from sim.scenarios._gates import harmless


def world(stage, before):
    """A wet day at half-time."""
    begins = stage.moment(0.5)
    return replace(before, disturbances=(*before.disturbances, Promotion(begins, begins + DAY, 0.93)))


SCENARIO = Scenario(about="a wet day", good="nothing much", world=world, gates=(harmless(),))
''')
    monkeypatch.setattr(sim.scenarios, "__path__", [*sim.scenarios.__path__, str(tmp_path)])
    _family.kinds.cache_clear()
    try:
        assert "rain" in _family.kinds()
        assert _family.scenario("rain").about == "a wet day"
        assert played("rain", EVERYTHING, cells_of(EVERYTHING), days=1.0).moments
    finally:
        monkeypatch.undo()
        _family.kinds.cache_clear()
        _family.scenario.cache_clear()
        sys.modules.pop("sim.scenarios.rain", None)


def test_an_unknown_scenario_is_named_with_the_nearest():
    with pytest.raises(UnknownKind, match="did you mean 'zero_gain'"):
        _family.scenario("zero_gian")
