"""Values of arms from data of a learning policy: unbiased by enumeration, and intervals that cover."""

import itertools

import numpy as np
import pytest
from scipy.stats import beta

from benchmarks.thompson_runs import thompson
from models.inference import aipw, counted
from models.inference.aipw import Log, arms, rates, scores

HALF = np.full((4, 2), 0.5)


def first_better(wins, losses):
    """P(theta_0 > theta_1) by quadrature, apart from what the runs use."""
    x, weight = np.polynomial.legendre.leggauss(60)
    x = (x + 1) / 2
    return float((weight / 2 * beta.pdf(x, wins[0], losses[0]) * beta.cdf(x, wins[1], losses[1])).sum())


def every_campaign(means, steps):
    """All campaigns of Thompson sampling of so many steps, each with its probability."""
    rows = []
    for path in itertools.product(range(2), range(2), repeat=steps):
        wins, losses, weight, shares = [1, 1], [1, 1], 1.0, []
        for arm, won in zip(path[::2], path[1::2], strict=True):
            p = first_better(wins, losses)
            shares.append((p, 1 - p))
            weight *= shares[-1][arm] * (means[arm] if won else 1 - means[arm])
            wins[arm] += won
            losses[arm] += 1 - won
        rows.append((path[::2], path[1::2], shares, weight))
    return [np.array(each) for each in zip(*rows, strict=True)]


@pytest.fixture(scope="module")
def campaigns():
    return every_campaign((0.7, 0.4), 4)


def test_scores_are_unbiased_at_every_step_of_every_campaign(campaigns):
    arm, won, shares, weight = campaigns
    assert weight.sum() == pytest.approx(1.0)
    for k, mean in enumerate((0.7, 0.4)):
        found = scores(arm == k, won.astype(float), shares[..., k], prior=1.0)
        assert weight @ found == pytest.approx(np.full(4, mean))


@pytest.mark.parametrize("kind", ["two_point", "constant", "uniform"])
def test_the_score_test_has_mean_zero_and_the_variance_it_says(campaigns, kind):
    """The numerator's variance is that of the denominator, in the mean over every campaign that may happen."""
    arm, won, shares, weight = campaigns
    e, played, y, mu = shares[..., 1], arm == 1, won.astype(float), 0.4
    h = rates(kind, e, 0.7)
    count = np.cumsum(played, axis=1) - played + 1.0
    known = (np.cumsum(played * y, axis=1) - played * y + 0.5) / count
    numerator = (h * (scores(played, y, e, 1.0) - mu)).sum(axis=1)
    variance = (h**2 * ((mu * (1 - mu) + (known - mu) ** 2) / e - (known - mu) ** 2)).sum(axis=1)
    assert weight @ numerator == pytest.approx(0.0, abs=1e-12)
    assert weight @ numerator**2 == pytest.approx(weight @ variance)


def test_the_plain_mean_of_the_worse_arm_is_too_low(campaigns):
    arm, won, _, weight = campaigns
    count, total = (arm == 1).sum(axis=1), ((arm == 1) * won).sum(axis=1)
    seen = count > 0
    assert weight[seen] @ (total[seen] / count[seen]) / weight[seen].sum() < 0.4 - 0.02


def test_the_ends_are_where_the_score_test_turns(campaigns):
    arm, won, shares, _ = campaigns
    found = arms(Log.of(arm, won, shares), level=0.5)
    e, played, y = shares[..., 0], arm == 0, won.astype(float)
    h, z = rates("two_point", e, 0.7), 0.6744897501960817
    count = np.cumsum(played, axis=1) - played + 1.0
    known = (np.cumsum(played * y, axis=1) - played * y + 0.5) / count
    for end in (found.low[:, 0], found.high[:, 0]):
        inner = (end > 0) & (end < 1)
        mu = end[:, None]
        numerator = (h * (scores(played, y, e, 1.0) - mu)).sum(axis=1)
        variance = (h**2 * ((mu * (1 - mu) + (known - mu) ** 2) / e - (known - mu) ** 2)).sum(axis=1)
        assert inner.sum() > 50
        np.testing.assert_allclose(numerator[inner] ** 2, z**2 * variance[inner], rtol=1e-6)


def test_propensities_of_the_runs_are_exact():
    log = thompson((0.6, 0.3), 20, 60, seed=2)
    for run in range(0, 20, 5):
        wins, losses = np.ones(2), np.ones(2)
        for step in range(60):
            assert log.propensity[run, step, 0] == pytest.approx(first_better(wins, losses), abs=1e-9)
            arm, won = log.arm[run, step], log.outcome[run, step]
            wins[arm] += won
            losses[arm] += 1 - won


@pytest.mark.parametrize("means", [(0.5, 0.5), (0.1, 0.08)])
def test_intervals_cover_where_the_plain_mean_does_not(means):
    log = thompson(means, 600, 1000, seed=3)
    found, truth = arms(Log.of(*log)), np.array(means)
    covers = ((found.low <= truth) & (truth <= found.high)).mean(axis=0)
    assert (covers >= 0.93).all()
    played = log.arm[..., None] == np.arange(2)
    count, won = played.sum(axis=1), (played * log.outcome[..., None]).sum(axis=1)
    mean = won / count
    naive = np.abs(mean - truth) <= 1.96 * np.sqrt(mean * (1 - mean) / count)
    assert naive.mean(axis=0).min() < 0.92
    looked = counted.interval(won, count)
    assert ((looked.low <= truth) & (truth <= looked.high)).mean() > 0.97
    apart = aipw.contrast(found, 0, 1)
    assert ((apart.low <= means[0] - means[1]) & (means[0] - means[1] <= apart.high)).mean() >= 0.93


def test_outcomes_without_bounds_have_the_variance_that_was_seen():
    rng = np.random.default_rng(6)
    arm = (rng.random((400, 500)) < 0.3).astype(int)
    y = np.where(arm == 1, rng.normal(30.0, 5.0, arm.shape), rng.normal(20.0, 5.0, arm.shape))
    found = arms(Log.of(arm, y, np.tile([0.7, 0.3], (400, 500, 1))), weights="constant", bounds=None)
    covers = ((found.low <= [20.0, 30.0]) & (found.high >= [20.0, 30.0])).mean(axis=0)
    assert ((covers > 0.92) & (covers < 0.98)).all()
    assert found.estimate.mean(axis=0) == pytest.approx([20.0, 30.0], abs=0.1)


def test_replicas_are_independent_of_each_other():
    log = thompson((0.5, 0.3), 5, 80, seed=4)
    whole, one = arms(Log.of(*log)), arms(Log.of(*(each[3] for each in log)))
    for both, alone in zip(whole, one, strict=True):
        np.testing.assert_array_equal(both[3], alone)


def test_an_arm_that_could_not_be_played_for_a_while_counts_for_nothing_then():
    shares = np.array([[1.0, 0.0]] * 50 + [[0.5, 0.5]] * 50)
    arm, won = np.array([0] * 50 + [0, 1] * 25), np.array([1.0, 0.0] * 50)
    late = arms(Log.of(arm[50:], won[50:], shares[50:]), weights="constant").estimate[1]
    assert arms(Log.of(arm, won, shares), weights="constant").estimate[1] == pytest.approx(late)
    with pytest.raises(ValueError, match="received 0 for an arm, allowed with uniform weights"):
        arms(Log.of(arm, won, shares), weights="uniform")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Log.of([], [], np.zeros((0, 2))), "log: received no decisions"),
        (
            lambda: Log.of([0] * 4, [1.0] * 4, [[0.0, 1.0]] * 4),
            r"received 0 at \(0,\) for the arm that was played",
        ),
        (lambda: Log.of([0] * 4, [1.0] * 4, HALF * np.nan), r"propensity: received nan at \(0, 0\)"),
        (lambda: Log.of([0] * 4, [1.0] * 4, [[1.2, -0.2]] * 4), "propensity: received 1.2"),
        (lambda: Log.of([0] * 4, [1.0] * 4, [[0.5, 0.4]] * 4), "received a sum of 0.9"),
        (lambda: Log.of([0, 1, 2, 1], [1.0] * 4, HALF), r"arm: received 2 at \(2,\), allowed are 0 to 1"),
        (lambda: Log.of([0] * 4, [1.0, 1.0, np.inf, 1.0], HALF), "outcome: received inf"),
        (lambda: Log.of([0] * 4, [1.0] * 3, HALF), "log: received arm"),
        (lambda: arms(Log.of([0] * 4, [7.0] * 4, HALF)), "outcome: received 7"),
        (lambda: arms(Log.of([0] * 4, [1.0] * 4, HALF), weights="best"), "weights: received 'best'"),
        (lambda: arms(Log.of([0] * 4, [1.0] * 4, HALF), decay=1.0), "decay: received 1.0"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
