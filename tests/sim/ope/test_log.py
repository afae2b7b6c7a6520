"""Bad logs and bad targets: a clear error each, counted, with the rows; nothing is dropped."""

import numpy as np
import pytest

from sim.ope._evaluate import evaluate
from sim.ope._faults import LogError
from sim.ope._log import Log, contexts
from sim.ope._question import Question, always, probabilities, uniform
from sim.ope._support import Gate, support
from tests.sim.ope.ope_kit import Population

GOOD = {"arms": ("a", "b"), "action": [0, 1, 0], "reward": [1.0, 0.0, 2.0], "propensity": [0.5, 0.25, 1.0]}
NAN = float("nan")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"propensity": [0.5, 0.0, 1.0]}, "propensity: 0 or less, allowed: above 0, at most 1; in 1 row: 1"),
        (
            {"propensity": [NAN, 0.5, NAN]},
            "propensity: missing, allowed: above 0, at most 1; in 2 rows: 0, 2",
        ),
        ({"propensity": [0.5, -0.1, 1.0]}, "propensity: 0 or less"),
        ({"propensity": [0.5, 0.5, 1.01]}, "propensity: above 1, allowed: above 0, at most 1; in 1 row: 2"),
        ({"propensity": [0.5, 0.5, float("inf")]}, "propensity: above 1"),
        ({"reward": [1.0, NAN, 2.0]}, "reward: missing or not finite, allowed: a finite number; in 1 row: 1"),
        ({"reward": [1.0, float("inf"), 2.0]}, "reward: missing or not finite"),
        ({"reward": ["much", 1.0, 2.0]}, "reward: not numbers"),
        ({"reward": [1.0, 2.0]}, "reward: 2 rows, allowed: 3, as many as action has"),
        ({"action": [0, 1, 2]}, "action: an arm that is not there, allowed: 0 to 1; in 1 row: 2"),
        ({"action": [0, -1, 1]}, "action: an arm that is not there"),
        ({"action": [0.0, 1.0, 0.5]}, "action: values of type float64, allowed: whole numbers"),
        ({"action": [[0, 1, 0]]}, "action: 2 dimensions, allowed: 1"),
        ({"arms": ("a", "a", "b")}, "arms: named twice: a; allowed: each once"),
        ({"position": [0, -1, 1]}, "position: below 0, allowed: 0, 1, 2, ...; in 1 row: 1"),
        ({"context": [[1.0], [NAN], [2.0]], "features": ("age",)}, "context: missing or not finite"),
        ({"context": [[1.0], [3.0], [2.0]]}, "context: 1 columns and 0 names"),
    ],
)
def test_a_bad_log_says_what_is_wrong_and_where(wrong, said):
    with pytest.raises(LogError) as caught:
        Log(**GOOD | wrong)
    assert said in str(caught.value)


def test_an_empty_log_is_an_error():
    with pytest.raises(LogError, match="it is empty: 0 rows"):
        Log(arms=("a",), action=[], reward=[], propensity=[])


def test_all_faults_are_told_at_once_and_counted():
    with pytest.raises(LogError) as caught:
        Log(arms=("a",), action=[0] * 50, reward=[NAN] * 50, propensity=[0.0] * 30 + [2.0] * 20)
    assert [(each.column, each.count, each.rows[0]) for each in caught.value.faults] == [
        ("reward", 50, 0),
        ("propensity", 30, 0),
        ("propensity", 20, 30),
    ]
    assert "in 50 rows: 0, 1, 2, 3, 4, ..." in str(caught.value)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ([0.5, 0.4], "target: probabilities sum to 0.9, allowed: 1; in 1 row: 0"),
        ([1.5, -0.5], "target: below 0, allowed: probabilities"),
        ([NAN, 1.0], "target: missing or not finite"),
        ([1.0], "target: shape (1,), allowed: (2,), (1, 2), (3, 2)"),
        ([[0.5, 0.5], [0.5, 0.5], [0.2, 0.2]], "probabilities sum to 0.4, allowed: 1; in 1 row: 2"),
        ("most", "target: not numbers"),
    ],
)
def test_a_bad_target_says_what_is_wrong_and_where(target, said):
    with pytest.raises(LogError) as caught:
        Question(Log(**GOOD), target)
    assert said in str(caught.value)


def test_an_arm_that_the_log_never_shows_is_an_error_and_no_silent_zero():
    log = Log(**GOOD | {"arms": ("a", "b", "gone")})
    said = "probability on arm 'gone', which the log never shows, allowed: arms with at least a row"
    with pytest.raises(LogError, match=said):
        Question(log, uniform(log))
    with pytest.raises(LogError, match="in 1 row: 2"):
        Question(log, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]])
    assert Question(log, [0.5, 0.5, 0.0]).weight.tolist() == [1.0, 2.0, 0.5]


def test_an_arm_that_the_log_does_not_have_is_an_error():
    log = Log(**GOOD)
    with pytest.raises(LogError, match="arms that the log doesn't have: 'c'; it has 'a', 'b'"):
        always(log, "c")
    assert probabilities(log, {"b": 1.0}).tolist() == [0.0, 1.0]


def test_contexts_with_other_keys_are_an_error():
    with pytest.raises(LogError) as caught:
        contexts([{"age": 1.0, "vip": 0.0}, {"age": 2.0}, {"age": 3.0, "vip": 1.0, "city": 4.0}])
    assert str(caught.value).splitlines() == [
        "context: keys that row 0 doesn't have (city), allowed: age, vip; in 1 row: 2",
        "context: keys are missing (vip), needed: age, vip; in 1 row: 1",
    ]
    assert contexts([]) == ((), pytest.approx(np.zeros((0, 0))))


def test_too_few_rows_for_a_model_are_an_error():
    with pytest.raises(LogError, match="3 rows in 5 folds"):
        evaluate(Question(Log(**GOOD), [0.5, 0.5]), ["direct"], gate=Gate(effective=0, largest=1))


def test_a_level_of_no_probability_is_an_error():
    with pytest.raises(LogError, match="level: 95, allowed: between 0 and 1"):
        evaluate(Question(Log(**GOOD), [0.5, 0.5]), level=95.0)


def test_wrong_propensities_show_in_the_mean_weight_and_are_refused():
    """A policy that draws unevenly and logs 1/n, as is often done."""
    people = Population(31)
    question = people.sample(5000, 1)
    log = question.log
    lie = Log(
        arms=log.arms,
        action=log.action,
        reward=log.reward,
        propensity=np.full(5000, 0.25),
        position=log.position,
    )
    target = [0.7, 0.1, 0.1, 0.1] if people.share @ people.logged[:, 0] > 0.3 else [0.1, 0.7, 0.1, 0.1]
    found = support(Question(lie, target))
    assert abs(found.off) > 4
    made = evaluate(Question(lie, target), ["ips"])[0]
    assert made.value is None
    assert "standard errors from 1" in made.refused[0]


def test_what_no_row_shows_in_its_position_is_counted_and_refused():
    log = Log(
        arms=("a", "b"),
        action=[0, 1] * 200 + [0] * 400,
        reward=[1.0] * 800,
        propensity=[0.5] * 400 + [1.0] * 400,
        position=[0] * 400 + [1] * 400,
    )
    found = support(Question(log, [0.5, 0.5]))
    assert found.unseen == pytest.approx(0.25)
    assert any("25.0% of the choices" in why for why in found.refusals(Gate()))
    spread = support(Question(log, np.full((800, 2), 0.5)))
    assert spread == found


def test_no_weight_at_all_is_refused_and_divides_nothing():
    log = Log(arms=("a", "b"), action=[0, 1], reward=[1.0, 1.0], propensity=[0.5, 0.5])
    made = evaluate(Question(log, [[0.0, 1.0], [1.0, 0.0]]))
    assert all(each.value is None for each in made)
    assert made[0].support.effective == 0.0
    assert made[0].support.largest == 1.0
