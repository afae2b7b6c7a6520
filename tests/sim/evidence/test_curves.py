"""Fans and bounds of a run, against the run's own rows."""

from dataclasses import replace

import numpy as np
import pytest

from controller.assembly import cells_of
from sim.evidence import curves
from sim.evidence.result import QUANTILES
from sim.runs.runner import DAY, Run, finish, start
from tests.sim.evidence.kit import campaign, stores

FUTURES = 3


@pytest.fixture(scope="module")
def ran():
    """Three days of three futures of two stores, and which bound was met."""
    plan = replace(stores(), mode="auto")
    running = start(
        Run(campaign=plan, seconds=3 * DAY, cells=cells_of(plan).replicated(FUTURES), sparse=True)
    )
    bounds = curves.Bounds(running.trace.starts, 3 * DAY)
    return plan, finish(running, bounds.note), bounds


def test_the_measured_value_is_that_of_the_window_over_its_reference_all_stores_together(ran):
    plan, trace, _ = ran
    seconds, levels = curves.kpi(plan, "sales", trace, FUTURES)
    assert seconds[0] == DAY
    assert seconds[-1] == 3 * DAY
    hourly = trace.hourly("units_scanned").reshape(72, FUTURES, 2).sum(axis=2)
    last = hourly[-24:].sum(axis=0) / 24_000.0
    assert levels[:, -1] == pytest.approx(np.quantile(last, QUANTILES))
    assert (np.diff(levels, axis=0) >= 0).all()


def test_the_mean_share_is_that_of_the_whole_run(ran):
    plan, trace, _ = ran
    hourly = trace.hourly("units_scanned").reshape(72, FUTURES, 2).sum(axis=(0, 2))
    assert curves.mean_share(plan, "sales", trace, FUTURES) == pytest.approx(hourly / 72_000.0)


def test_money_starts_at_nothing_and_ends_at_what_was_spent(ran):
    plan, trace, _ = ran
    seconds, levels = curves.spend(plan, trace, FUTURES)
    assert levels[:, 0].tolist() == [0.0] * 5
    spent = trace.gained("prizes_paid").reshape(FUTURES, 2).sum(axis=1)
    assert levels[:, -1] == pytest.approx(np.quantile(spent, QUANTILES))
    assert seconds[-1] == 3 * DAY
    assert curves.spend(replace(plan, budgets={}), trace, FUTURES) is None


def test_a_lever_is_the_mean_of_a_future_s_stores(ran):
    plan, trace, _ = ran
    seconds, levels = curves.lever(plan, "win_rate", trace, FUTURES)
    assert seconds[0] == 0.0
    assert len(seconds) <= curves.POINTS
    last = trace.levers["win_probability"][-1].reshape(FUTURES, 2).mean(axis=1)
    assert levels[2, -1] == pytest.approx(np.median(last))


def test_bounds_are_counted_by_the_day_as_shares_of_what_was_decided(ran):
    _, _, bounds = ran
    shares = bounds.shares()
    assert shares
    assert all(share.shape == (3,) for share in shares.values())
    assert all(((share >= 0) & (share <= 1)).all() for share in shares.values())
    assert bounds.executed.sum() == pytest.approx(FUTURES * 2 * (1 + 3 * 8))


def test_a_policy_that_wants_less_than_it_may_meets_the_lower_bound():
    plan = replace(campaign(keep_at="100 units/day"), mode="auto")
    running = start(Run(campaign=plan, seconds=DAY, sparse=True))
    bounds = curves.Bounds(running.trace.starts, DAY)
    finish(running, bounds.note)
    assert max(share[0] for share in bounds.shares().values()) > 0.5
