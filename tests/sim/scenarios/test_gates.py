"""The gates: what they let pass and what not; and that doing nothing passes whatever is about harm."""

from dataclasses import replace

import numpy as np
import pytest

from sim.runs.scores import Scores
from sim.scenarios import _gates
from sim.scenarios._base import Judged
from sim.scenarios._family import kinds, scenario
from tests.sim.scenarios.kit import SHIPPED, coarse, judged

LOTTERY = SHIPPED["cap_lottery"]


def scored(**about):
    size = max((len(np.atleast_1d(value)) for value in about.values()), default=10)
    told = {name: np.zeros(size) for name in Scores.__slots__}
    return Scores(
        **told | {name: np.broadcast_to(np.asarray(v, float), (size,)) for name, v in about.items()}
    )


def seen(own, still=None, campaign=LOTTERY, weeks=2.0):
    return Judged(campaign=campaign, weeks=weeks, own=own, still=still or scored())


@pytest.mark.parametrize(("better", "passed"), [(10, True), (9, True), (8, False)])
def test_helps_asks_for_nine_of_ten_futures(better, passed):
    loss = np.where(np.arange(10) < better, 0.1, 0.3)
    found = _gates.helps()(seen(scored(loss=loss), scored(loss=np.full(10, 0.2))))
    assert found.passed is passed
    assert f"{better * 10}%" in found.said


@pytest.mark.parametrize(("worse", "passed"), [(0.0, True), (0.019, True), (0.021, False)])
def test_harmless_leaves_a_margin(worse, passed):
    found = _gates.harmless()(seen(scored(loss=np.full(10, 0.2 + worse)), scored(loss=np.full(10, 0.2))))
    assert found.passed is passed
    assert ("above it" in found.said) is (worse > 0)


def test_restrained_counts_what_is_spent_beyond_doing_nothing_against_the_budget_due():
    """Twelve weeks share 500,000 CNY, so that 83,333 are due in two."""
    for spend, passed in ((20_000.0, True), (22_000.0, False)):
        found = _gates.restrained()(
            seen(scored(spend=np.full(10, 10_000.0 + spend)), scored(spend=np.full(10, 1e4)))
        )
        assert found.passed is passed
    assert "26%" in found.said
    free = replace(LOTTERY, budgets={})
    assert _gates.restrained()(seen(scored(spend=np.full(10, 1e9)), campaign=free)).passed


@pytest.mark.parametrize(("left", "passed"), [(150.0, True), (159.0, True), (161.0, False)])
def test_keeps_people_allows_half_as_many_again_and_a_few(left, passed):
    found = _gates.keeps_people()(
        seen(scored(opt_outs=np.full(10, left)), scored(opt_outs=np.full(10, 100.0)))
    )
    assert found.passed is passed
    assert _gates.keeps_people()(seen(scored())).said == "nobody switches messages off"


def test_one_move_on_no_reading_in_one_future_is_one_too_many():
    assert _gates.still_when_blind(seen(scored())).passed
    found = _gates.still_when_blind(seen(scored(blind=np.eye(10)[0])))
    assert not found.passed
    assert found.said.startswith("1 moves")


def test_the_budget_is_kept_in_every_future():
    assert _gates.within_budget(seen(scored(spend=np.full(10, 500_000.0)))).passed
    assert not _gates.within_budget(seen(scored(spend=500_000.0 * (1.0 + np.eye(10)[3])))).passed
    assert _gates.within_budget(seen(scored(spend=np.ones(10)), campaign=replace(LOTTERY, budgets={}))).passed


@pytest.mark.parametrize("kind", kinds())
def test_doing_nothing_passes_whatever_is_about_harm(kind):
    """Against itself, at any loss and with as many opt-outs as it has."""
    still = scored(loss=np.linspace(0.1, 0.5, 10), spend=np.full(10, 2e4), opt_outs=np.arange(10.0))
    found = {gate(seen(still, still)).name: gate(seen(still, still)).passed for gate in scenario(kind).gates}
    assert all(passed for name, passed in found.items() if name != "helps")
    assert found.get("helps", False) is False


def names(found, passed):
    return {result.name for result in found if result.passed is passed}


@pytest.mark.parametrize("kind", ["zero_gain", "sign_reversal"])
def test_a_loop_that_burns_its_budget_on_a_lever_that_does_not_help_fails(kind):
    """The shipped lottery: it has nothing that would tell it so."""
    run = judged(kind, coarse(LOTTERY))
    found = [gate(run) for gate in scenario(kind).gates]
    assert "restrained" in names(found, False)
    assert "within budget" in names(found, True)
    idle = Judged(campaign=LOTTERY, weeks=run.weeks, own=run.still, still=run.still)
    assert names([gate(idle) for gate in scenario(kind).gates], False) == set()


def test_a_loop_that_drives_people_away_for_nothing_fails():
    push = coarse(SHIPPED["push_frequency"])
    run = judged("opt_out_cliff", push, weeks=4.0)
    found = [gate(run) for gate in scenario("opt_out_cliff").gates]
    assert names(found, False) == {"keeps people"}
    low = replace(push, actuators={"push": replace(push.actuators["push"], limits=(0.5, 2.2))})
    held = judged("opt_out_cliff", low, weeks=4.0, still=run.still)
    assert names([gate(held) for gate in scenario("opt_out_cliff").gates], False) == set()


def test_a_loop_without_a_reading_keeps_still_and_one_that_does_not_is_caught():
    run = judged("outage", coarse(LOTTERY))
    assert names([gate(run) for gate in scenario("outage").gates], False) == set()
    assert run.own.moves.min() > 10
    reckless = replace(run, own=replace(run.own, blind=np.ones(2)))
    assert "still when blind" in names([gate(reckless) for gate in scenario("outage").gates], False)
