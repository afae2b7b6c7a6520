"""The arithmetic of the Open Bandit Dataset's small release, to the digits that are printed for it."""

import numpy as np
import pytest
from scipy import stats

from sim.ope import ips, snips
from sim.ope._evaluate import evaluate
from sim.ope._question import Question, uniform
from sim.ope._support import support
from tests.sim.ope.ope_kit import open_bandit, priors, thompson_shares

CAMPAIGNS = ("all", "men", "women")
# log -> target: ips, snips, effective sample size, largest weight, clicks of the log the target itself wrote
TO_UNIFORM = {
    "all": ("0.002360", "0.002334", "340.4", "277.8", "0.0038"),
    "men": ("0.003009", "0.003189", "655.7", "178.3", "0.0046"),
    "women": ("0.007438", "0.002373", "2.1", "21739.1", "0.0046"),
}
TO_THOMPSON = {
    "all": ("0.004553", "0.004776", "1640", "19.6", "0.0042"),
    "men": ("0.004534", "0.004604", "2467", "10.7", "0.0069"),
    "women": ("0.006813", "0.006811", "1954", "12.6", "0.0046"),
}


def printed(question, decimals):
    found = support(question)
    values = [member.tell(question, None, None).value for member in (ips, snips)]
    return (*(f"{v:.6f}" for v in values), f"{found.effective:.{decimals}f}", f"{found.heaviest:.1f}")


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_what_the_thompson_logs_say_of_the_uniform_policy(campaign):
    log = open_bandit("bts", campaign)
    assert printed(Question(log, uniform(log)), 1) == TO_UNIFORM[campaign][:4]
    assert f"{open_bandit('random', campaign).reward.mean():.4f}" == TO_UNIFORM[campaign][4]


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_what_the_uniform_logs_say_of_the_thompson_policy(campaign):
    log = open_bandit("random", campaign)
    assert printed(Question(log, thompson_shares(campaign)), 0) == TO_THOMPSON[campaign][:4]
    assert f"{open_bandit('bts', campaign).reward.mean():.4f}" == TO_THOMPSON[campaign][4]


def test_the_womens_thompson_log_is_refused_and_never_valued():
    log = open_bandit("bts", "women")
    made = evaluate(Question(log, uniform(log)))
    assert len(made) == 7
    for each in made:
        assert (each.value, each.low, each.high, each.error) == (None, None, None, None)
        assert each.refused[0] == "the weighted log is worth 2.1 of its 10,000 rows, needed: 100"
        assert each.refused[1].startswith("one row carries 69.4% of the weight (its weight is 21,739.1)")


@pytest.mark.parametrize("campaign", ["all", "men"])
def test_the_other_logs_are_valued(campaign):
    log = open_bandit("bts", campaign)
    made = {each.kind: each for each in evaluate(Question(log, uniform(log)))}
    assert [kind for kind, each in made.items() if each.refused] == ["replay_matching"]
    assert made["ips"].low < made["ips"].value < made["ips"].high


def test_the_shares_of_draws_are_those_of_an_exact_integral_in_the_first_slot():
    alpha, beta = priors("men")
    nodes, weights = np.polynomial.legendre.leggauss(400)
    top = stats.beta.isf(1e-15, alpha, beta).max()
    x = top * (nodes[:, None] + 1.0) / 2.0
    density, below = stats.beta.logpdf(x, alpha, beta), np.maximum(stats.beta.logcdf(x, alpha, beta), -1e4)
    exact = top / 2.0 * weights @ np.exp(density + below.sum(axis=1, keepdims=True) - below)
    assert exact.sum() == pytest.approx(1.0, abs=1e-9)
    off = np.abs(thompson_shares("men")[0] - exact)
    assert (off < 5 * np.sqrt(exact / 1e5) + 1e-4).all()
    assert off.max() > 1e-5
