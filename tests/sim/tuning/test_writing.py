import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config.yaml12 import read
from controller.errors import SetpointError
from sim.tuning.writing import edited

BLOCK = """\
loops:
  sales:
    policy:       # by hand
      kind: pid
      gain: 1.5   # lively
    every: 2h
  calm: {policy: {}, every: 1d}
"""


def test_a_value_of_a_block_changes_and_its_comment_stays():
    found = edited(BLOCK, ["loops", "sales", "policy"], {"gain": "0.8"})
    assert found == BLOCK.replace("gain: 1.5 ", "gain: 0.8 ")


def test_a_new_key_of_a_block_comes_after_the_last_with_its_comment():
    found = edited(BLOCK, ["loops", "sales", "policy"], {"integral_time": "9h"})
    assert "      gain: 1.5   # lively\n      integral_time: 9h\n    every" in found


def test_a_new_key_of_a_flow_mapping_stays_on_its_line():
    found = edited(BLOCK, ["loops", "calm", "policy"], {"gain": "0.8", "integral_time": "9h"})
    assert found.endswith("  calm: {policy: {gain: 0.8, integral_time: 9h}, every: 1d}\n")


def test_a_nested_value_is_replaced_whole():
    text = "policy: {model: {gain: [1, 2], lag: [1h, 2h]}, kind: pid}"
    assert (
        edited(text, ["policy"], {"model": "{gain: [0, 3]}"}) == "policy: {model: {gain: [0, 3]}, kind: pid}"
    )


def test_a_path_that_is_not_there_is_refused_by_name():
    with pytest.raises(SetpointError, match=r"loops\.sales has no 'target'"):
        edited(BLOCK, ["loops", "sales", "target"], {"band": "5%"})
    with pytest.raises(SetpointError, match=r"loops\.sales\.every is no mapping"):
        edited(BLOCK, ["loops", "sales", "every"], {"band": "5%"})


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-9, 9), min_size=1), st.booleans())
def test_what_is_written_is_read_back_and_nothing_else_changes(values, flow):
    text = (
        "x: 1  # one\np: {k: 5, a: 7}\ny: [2]\n"
        if flow
        else "x: 1  # one\np:\n  k: 5\n  a: 7 # seven\ny: [2]\n"
    )
    found = read(edited(text, ["p"], {key: str(value) for key, value in values.items()})).value
    assert found == {"x": 1, "p": {"k": 5, "a": 7} | values, "y": [2]}
