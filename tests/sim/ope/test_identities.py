"""Identities that hold exactly on a finite population, and intervals that cover on samples of it."""

import numpy as np
import pytest

from models.draws import Draws
from sim.ope import cross_fitted_dr, direct, dros, ips, snips, switch_dr
from sim.ope._evaluate import evaluate
from sim.ope._family import kinds
from sim.ope._question import Question
from sim.ope._rewards import given
from tests.sim.ope.ope_kit import Population, each_row

SEEDS = (3, 4, 5)


@pytest.fixture(params=SEEDS)
def people(request):
    return Population(request.param)


def spread(people, each):
    return people.mean(each**2) - people.mean(each) ** 2


def test_the_mean_weight_is_1(people):
    assert people.mean(people.question.weight) == pytest.approx(1.0, abs=1e-12)


def test_ips_is_right_in_the_mean_and_has_the_variance_of_its_formula(people):
    each = each_row(ips.tell(people.question, None, None))
    assert people.mean(each) == pytest.approx(people.value, abs=1e-12)
    w, r = people.question.weight, people.log.reward
    assert spread(people, each) == pytest.approx(people.mean(w**2 * r**2) - people.value**2, abs=1e-12)


def test_doubly_robust_with_the_true_model_has_the_variance_of_its_formula(people):
    each = each_row(cross_fitted_dr.tell(people.question, given(people.question, people.q), None))
    assert people.mean(each) == pytest.approx(people.value, abs=1e-12)
    own = (people.target * people.expected).sum(axis=1)
    between = people.share @ own**2 - people.value**2
    win = people.q[np.arange(len(people.log)), people.log.action]
    within = people.mean(people.question.weight**2 * win * (1 - win))
    assert spread(people, each) == pytest.approx(between + within, abs=1e-12)


def test_doubly_robust_is_right_in_the_mean_whatever_the_model(people):
    wrong = given(people.question, people.q[:, ::-1] * 3.0 - 1.0)
    each = each_row(cross_fitted_dr.tell(people.question, wrong, None))
    assert people.mean(each) == pytest.approx(people.value, abs=1e-12)


def test_doubly_robust_with_a_model_of_nothing_is_ips(people):
    nothing = given(people.question, np.zeros(4))
    one, other = (m.tell(people.question, nothing, None) for m in (cross_fitted_dr, ips))
    assert np.allclose(each_row(one), each_row(other), rtol=0, atol=1e-12)


@pytest.mark.parametrize("member", [dros, switch_dr])
def test_shrinking_all_is_the_direct_method_and_shrinking_nothing_is_doubly_robust(people, member):
    model = given(people.question, people.q * 0.7)
    for parameter, whole in ((0.0, direct), (np.inf, cross_fitted_dr)):
        same = each_row(whole.tell(people.question, model, None))
        assert np.allclose(each_row(member.at(people.question, model, parameter)), same, rtol=0, atol=1e-12)


def test_shrinking_moves_smoothly_from_one_to_the_other(people):
    model = given(people.question, people.q * 0.5)
    values = [dros.at(people.question, model, lam).value for lam in (0.0, 1e-9, 1e9, np.inf)]
    assert values[0] == pytest.approx(values[1], abs=1e-6)
    assert values[2] == pytest.approx(values[3], abs=1e-6)
    assert values[0] != values[3]


def test_the_self_normalised_value_stays_within_the_rewards_and_moves_with_them(people):
    question = people.question
    value = snips.tell(question, None, None).value
    assert question.log.reward.min() <= value <= question.log.reward.max()
    weight = question.weight
    assert value == pytest.approx(float(weight @ question.log.reward / weight.sum()), abs=1e-15)


def test_a_target_that_is_the_logging_policy_gets_the_plain_mean():
    people = Population(7)
    people.target = people.logged
    question = people.sample(2000, 1)
    for kind in ("ips", "snips", "replay_matching"):
        made = evaluate(question, [kind])[0]
        assert made.value == pytest.approx(float(question.log.reward.mean()), abs=1e-12)
        assert made.support.effective == pytest.approx(2000.0)


def test_matching_keeps_just_the_rows_of_a_certain_target_on_a_uniform_log():
    people = Population(8)
    people.logged[:] = 0.25
    people = remade(people, np.tile([0.0, 1.0, 0.0, 0.0], (3, 1)))
    question = people.sample(2000, 2)
    own = question.log.action == 1
    made = evaluate(question, ["replay_matching"])[0]
    assert made.used == own.sum()
    assert made.value == question.log.reward[own].mean()


def remade(people, target):
    """The same population under another target and a uniform log."""
    x, a = people.log.position, people.log.action
    people.chance = people.chance / people.log.propensity * 0.25
    people.log.propensity[:] = 0.25
    people.chance /= people.chance.sum()
    people.target = target
    assert len(x) == len(a)
    return people


def test_intervals_cover_and_standard_errors_are_those_of_the_values():
    """400 logs of 800 rows: 95 % intervals cover at least 92 % (2.7 standard errors of 400 under 95)."""
    people = Population(11)
    rounds = [evaluate(people.sample(800, 1000 + seed), seed=seed) for seed in range(400)]
    for place, kind in enumerate(kinds()):
        made = [each[place] for each in rounds if not each[place].refused]
        assert len(made) > 300, kind
        covered = np.mean([each.low <= people.value <= each.high for each in made])
        assert covered >= 0.92, (kind, covered)
        spread = np.std([each.value for each in made])
        assert np.mean([each.error for each in made]) == pytest.approx(spread, rel=0.15), kind


def test_an_interval_of_a_ratio_is_not_that_of_the_sum():
    """Rewards near 1: the weighted mean hardly moves, the weighted sum moves with the weights."""
    people = Population(12)
    question = people.sample(3000, 4)
    question.log.reward[:] = 1.0 + 0.01 * question.log.reward
    ratio, total = evaluate(question, ["snips", "ips"])
    assert ratio.error < total.error / 20


def test_folds_are_even_and_the_same_for_the_same_seed():
    from sim.ope._rewards import folds_of

    one, again, other = (folds_of(103, 5, Draws(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert sorted(np.bincount(one)) == [20, 20, 21, 21, 21]


def test_a_prediction_has_not_seen_its_row():
    from sim.ope._rewards import fitted

    question = Population(13).sample(200, 5)
    before = fitted(question, Draws(1))
    question.log.reward[17] += 100.0
    after = fitted(Question(question.log, question.target), Draws(1))
    assert np.array_equal(before.crossed[17], after.crossed[17])
    assert not np.array_equal(before.whole[17], after.whole[17])


def test_the_pull_is_the_derivative_of_the_direct_value():
    from sim.ope._rewards import fitted

    question = Population(14).sample(300, 6)
    model = fitted(question, Draws(1))
    value = direct.tell(question, model, None).value
    question.log.reward[5] += 1.0
    moved = direct.tell(question, fitted(question, Draws(1)), None).value - value
    assert moved * 300 == pytest.approx(model.pull(question)[5], abs=1.0)
    assert model.pull(question).mean() == pytest.approx(1.0, abs=0.1)
