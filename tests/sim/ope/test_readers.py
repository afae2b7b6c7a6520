"""Readers: what they take, and that whatever is wrong is told with the file's own lines."""

import numpy as np
import pandas as pd
import pytest

from controller.errors import ConfigError
from sim.ope._faults import LogError
from sim.ope.readers import open_bandit, plain
from sim.ope.readers.any import log_of, target_of
from sim.ope.readers.journal import from_journal

OPEN_BANDIT = """,timestamp,item_id,position,click,propensity_score,user_feature_0
0,2019-11-24 00:01:29.788335+00:00,10,1,0,0.25,81ce
1,2019-11-24 00:01:43.188876+00:00,2,3,1,0.5,81ce
2,2019-11-24 00:02:11.000000+00:00,2,1,0,0.125,92ab
"""
PLAIN = "action,reward,propensity,context.age\nred,1,0.5,30\nblue,0.5,0.25,41\n"


@pytest.fixture
def file(tmp_path):
    def write(text, name="log.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def test_an_open_bandit_file(file):
    log = open_bandit.read(file(OPEN_BANDIT))
    assert log.arms == ("2", "10")
    assert log.action.tolist() == [1, 0, 0]
    assert log.position.tolist() == [0, 1, 0]
    assert log.reward.tolist() == [0.0, 1.0, 0.0]
    assert log.propensity.tolist() == [0.25, 0.5, 0.125]


def test_items_come_from_the_file_beside_it(file):
    path = file(OPEN_BANDIT)
    file(",item_id,item_feature_0\n0,2,0.1\n1,5,0.2\n2,10,0.3\n", "item_context.csv")
    assert log_of(path).arms == ("2", "5", "10")
    file(",item_id,item_feature_0\n0,2,0.1\n", "item_context.csv")
    with pytest.raises(ConfigError, match=r"log.csv:2:1 item_id: an item that item_context.csv doesn't have"):
        open_bandit.read(path)


def test_a_plain_file(file):
    log = plain.read(file(PLAIN))
    assert log.arms == ("blue", "red")
    assert log.action.tolist() == [1, 0]
    assert log.features == ("age",)
    assert log.context.tolist() == [[30.0], [41.0]]
    assert log.position is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "log.csv:1:1 the file is empty"),
        ("action,reward,propensity\n", "log.csv:1:1 log: it is empty: 0 rows"),
        ("action,reward,propensty\nred,1,0.5\n", "propensity: no such column; did you mean 'propensty'?"),
        ("action,reward,propensity,reward\nred,1,0.5,1\n", "reward: the column is there twice"),
        ("action,reward,propensity\nred,1,0\n", "log.csv:2:1 propensity: 0 or less, allowed: above 0"),
        ("action,reward,propensity\nred,1,0.5\nred,1,\n", "log.csv:3:1 propensity: missing, allowed"),
        ("action,reward,propensity\nred,1,1.5\n", "log.csv:2:1 propensity: above 1"),
        ("action,reward,propensity\nred,1,half\n", "propensity: not a number, received 'half'; 1 line: 2"),
        ("action,reward,propensity\nred,nan,0.5\n", "reward: not a number, received 'nan'"),
        ("action,reward,propensity\nred,,0.5\n", "log.csv:2:1 reward: missing or not finite"),
        ("action,reward,propensity\n,1,0.5\n", "log.csv:2:1 action: missing"),
        ("action,reward,propensity,position\nred,1,0.5,1.5\n", "position: not a whole number"),
        ("action,reward,propensity,context.age\nred,1,0.5,\n", "context: missing or not finite"),
    ],
)
def test_a_bad_file_says_what_is_wrong_and_on_which_line(file, text, said):
    with pytest.raises(ConfigError) as caught:
        log_of(file(text))
    assert said in str(caught.value)


def test_a_binary_file_is_refused(tmp_path):
    (tmp_path / "log.csv").write_bytes(b"\xff\xfe\x00\x01,\n\x80")
    with pytest.raises(ConfigError, match="not a CSV in UTF-8"):
        log_of(tmp_path / "log.csv")


def test_policies_by_word_and_by_file(file):
    log = log_of(file(PLAIN))
    assert target_of(log, "uniform").tolist() == [0.5, 0.5]
    assert target_of(log, "fixed:red").tolist() == [0.0, 1.0]
    path = file("action,probability\nred,0.75\nblue,0.25\n", "other.csv")
    assert target_of(log, str(path)).tolist() == [0.25, 0.75]
    path = file("action,position,probability\nred,1,1\nblue,2,1\n", "other.csv")
    assert target_of(log, str(path)).tolist() == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("action,probability\ngreen,1\n", "arms that the log doesn't have: 'green'; it has 'blue', 'red'"),
        ("action,probability\nred,\n", "probability: missing"),
        ("action,probability\nred,0.5\nred,0.5\n", "other.csv:3:1 action: named twice"),
        ("arm,probability\nred,1\n", "action: no such column"),
    ],
)
def test_a_bad_policy_file_says_so(file, text, said):
    log = log_of(file(PLAIN))
    with pytest.raises(ConfigError) as caught:
        target_of(log, str(file(text, "other.csv")))
    assert said in str(caught.value)


def test_a_policy_that_is_neither_word_nor_file_is_refused(file):
    with pytest.raises(LogError, match="'unifrom' is no file, allowed: uniform, fixed:ARM, or a CSV"):
        target_of(log_of(file(PLAIN)), "unifrom")


@pytest.fixture
def journal():
    return pd.DataFrame(
        {
            "loop": ["coupon"] * 5,
            "cell": ["north", "south"] * 2 + ["north"],
            "tick": [0, 0, 1, 1, 2],
            "arm": ["10", "20", "20", "10", "10"],
            "propensity": [0.5, 0.5, 0.25, 0.75, 0.6],
            "reward": [1.0, 0.0, 1.0, np.nan, 2.0],
            "forced": [False, False, True, False, False],
            "context.age": [30.0, 41.0, 22.0, 18.0, 60.0],
        }
    )


def test_a_journal_leaves_out_forced_and_pending_decisions_and_counts_them(journal):
    log = from_journal(journal)
    assert log.arms == ("10", "20")
    assert log.action.tolist() == [0, 1, 0]
    assert log.left_out == {"forced": 1, "pending": 1}
    assert log.features == ("age",)
    assert log.context.ravel().tolist() == [30.0, 41.0, 60.0]


def test_a_journal_that_names_all_arms_keeps_those_without_a_row(journal):
    journal["arm"] = journal["arm"].astype(pd.CategoricalDtype(["10", "20", "30"]))
    assert from_journal(journal).arms == ("10", "20", "30")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns=["arm", "forced"]), "no decisions between arms in it: columns arm, forced"),
        (lambda f: f.assign(tick=0), "the same loop, cell, tick twice, allowed: once; in 3 rows: 2, 3, 4"),
        (lambda f: f.assign(propensity=[0.5, 0.0, 0.5, 0.5, 0.5]), "propensity: 0 or less"),
        (lambda f: f.assign(propensity=[0.5, None, 0.5, 0.5, 0.5]), "propensity: missing"),
        (
            lambda f: f.assign(arm=["10", None, "20", "10", "10"]),
            "arm: missing, allowed: an arm's name; in 1 row: 1",
        ),
        (
            lambda f: f.assign(reward_tick=[0, 0, 0, 1, 3]),
            "the reward is older than its decision; in 1 row: 2",
        ),
        (
            lambda f: f.assign(**{"context.new": [np.nan, 1, 1, 1, 1]}),
            "context.new: only other rows have this key",
        ),
        (lambda f: f.assign(loop=["a", "b", "b", "b", "b"]), "several loops decide in it, name one: a, b"),
        (lambda f: f.iloc[:0], "it is empty"),
        (lambda f: f.assign(forced=True), "it is empty"),
    ],
)
def test_a_bad_journal_says_what_is_wrong(journal, change, said):
    with pytest.raises(LogError) as caught:
        from_journal(change(journal))
    assert said in str(caught.value)


def test_a_loop_can_be_named(journal):
    journal["loop"] = ["a", "b", "b", "b", "b"]
    assert len(from_journal(journal, "a")) == 1
    with pytest.raises(LogError, match="'c' has no decision in it, allowed: a, b"):
        from_journal(journal, "c")
