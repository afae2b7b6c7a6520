"""What holds for every estimator of the folder: the family's contract."""

import inspect
import sys
from importlib import import_module

import numpy as np
import pytest

import sim.ope
from controller.errors import UnknownKind
from models.draws import Draws
from sim.ope import _family
from sim.ope._base import Estimator
from sim.ope._evaluate import evaluate
from sim.ope._log import Log
from sim.ope._question import Question
from sim.ope._rewards import fitted
from tests.sim.ope.ope_kit import Population

KINDS = _family.kinds()
WANTED = {"ips", "snips", "direct", "cross_fitted_dr", "dros", "switch_dr", "replay_matching"}


@pytest.fixture
def question():
    return Population(21).sample(1500, 1)


def told(kind, question, seed=1):
    return _family.estimator(kind).tell(question, fitted(question, Draws(seed)), Draws(seed))


def test_all_of_them_are_found():
    assert set(KINDS) == WANTED


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_it_does_assumes_and_comes_from(kind):
    module, found = import_module(f"sim.ope.{kind}"), _family.estimator(kind)
    assert isinstance(found, Estimator)
    assert len(inspect.getdoc(module)) > 200
    for sentence in (found.about, found.assumes, found.source):
        assert len(sentence) > 15
        assert not sentence.endswith(".")


@pytest.mark.parametrize("kind", KINDS)
def test_the_parts_of_the_rows_have_mean_0(kind, question):
    made = told(kind, question)
    assert made.influence.shape == (1500,)
    assert abs(made.influence.mean()) < 0.02 * made.influence.std()
    assert made.bias >= 0


@pytest.mark.parametrize("kind", KINDS)
def test_it_leaves_the_log_as_it_was(kind, question):
    before = [array.copy() for array in (question.log.reward, question.weight, question.probability)]
    told(kind, question)
    after = (question.log.reward, question.weight, question.probability)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_it_scales_with_the_rewards(kind, question):
    one = evaluate(question, [kind])[0]
    log = question.log
    more = Log(
        arms=log.arms,
        action=log.action,
        reward=log.reward * 8.0,
        propensity=log.propensity,
        position=log.position,
    )
    other = evaluate(Question(more, question.target), [kind])[0]
    assert (other.value, other.error) == pytest.approx((8.0 * one.value, 8.0 * one.error), rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_constant_rewards_are_the_value_up_to_the_mean_weight(kind, question):
    log = question.log
    same = Log(
        arms=log.arms,
        action=log.action,
        reward=np.full(len(log), 2.0),
        propensity=log.propensity,
        position=log.position,
    )
    made = evaluate(Question(same, question.target), [kind])[0]
    assert made.value == pytest.approx(2.0 * (made.support.mean if kind == "ips" else 1.0), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_question_has_the_same_answer_to_the_last_bit(kind, question):
    one, again = (evaluate(question, [kind], seed=5)[0] for _ in range(2))
    assert (one.value, one.low, one.high) == (again.value, again.low, again.high)


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_by_the_row_or_by_the_position_are_the_same_question(kind, question):
    spread = Question(question.log, question.target[question.log.position])
    one, other = (evaluate(asked, [kind])[0] for asked in (question, spread))
    assert one.value == pytest.approx(other.value, abs=1e-12)
    assert one.support == other.support


def test_an_estimator_is_one_file_and_no_other_edit(tmp_path, monkeypatch):
    planted = tmp_path / "clipped.py"
    planted.write_text('''
"""Weights of at most 10."""

import numpy as np

from sim.ope._base import Estimator, Told


def tell(question, _rewards, _draws):
    """Mean of rewards, their weights clipped."""
    each = np.minimum(question.weight, 10.0) * question.log.reward
    return Told(value=float(each.mean()), influence=each - each.mean())


ESTIMATOR = Estimator(about="clipped", assumes="little", source="none", modelled=False, tell=tell)
''')
    monkeypatch.setattr(sim.ope, "__path__", [*sim.ope.__path__, str(tmp_path)])
    _family.kinds.cache_clear()
    try:
        assert "clipped" in _family.kinds()
        assert evaluate(Population(3).sample(1000, 1), ["clipped"])[0].value > 0
    finally:
        monkeypatch.undo()
        _family.kinds.cache_clear()
        _family.estimator.cache_clear()
        sys.modules.pop("sim.ope.clipped", None)


def test_an_unknown_estimator_is_named_with_the_nearest():
    with pytest.raises(UnknownKind, match="did you mean 'snips'"):
        _family.estimator("snip")
