"""What a task may be, its digest, and what a file of results keeps."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sweep import SweepError, chunks
from sim.sweep.codec import Unreadable, decode, encode, plain
from sim.sweep.task import digest_of, key_fields, resolve, shown
from sim.sweep.work import work
from tests.sim.sweep.functions import HERE, everything

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1, max_size=6)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.randoms())
def test_a_digest_hangs_on_the_values_alone(task, shuffle):
    names = list(task)
    shuffle.shuffle(names)
    again = {name: task[name] for name in names}
    assert digest_of("a:f", task, "1") == digest_of("a:f", again, "1")
    assert digest_of("a:f", task, "1") == digest_of("a:f", json.loads(json.dumps(task)), "1")


def test_a_digest_is_the_stated_one():
    text = '["a.b:f",{"seed":1,"x":"é"},"0.1"]'
    assert digest_of("a.b:f", {"x": "é", "seed": 1}, "0.1") == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("other", [("a:g", {"x": 1}, "1"), ("a:f", {"x": 2}, "1"), ("a:f", {"x": 1}, "2")])
def test_another_function_task_or_release_is_another_digest(other):
    assert digest_of("a:f", {"x": 1}, "1") != digest_of(*other)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"a": {"b": [1, object()]}}, r"task\.a\.b\[1\]: not plain data, received object, allowed: texts"),
        ({"a": np.float32(1)}, "task.a: not plain data, received float32"),
        ({"a": float("nan")}, "task.a: not a finite number, received nan"),
        ({"a": {3: 1}}, "task.a: a key of a task is a text, received 3"),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_place(task, said):
    with pytest.raises(SweepError, match=said):
        digest_of("a:f", task, "1")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a.b.c", "not the place of a function"),
        ("no_such_package.x:f", "no function 'no_such_package.x:f' here: No module named"),
        ("sim.sweep.task:nothing", "has no attribute 'nothing'"),
        ("sim.sweep.task:LONGEST", "sim.sweep.task:LONGEST is no function, received int"),
    ],
)
def test_a_place_without_a_function_is_told(place, said):
    with pytest.raises(SweepError, match=said):
        resolve(place)


def test_key_fields_tell_tasks_apart_and_leave_long_texts():
    task = {"seed": 1, "settings": {"seed": 2, "gain": 0.5}, "config": "x" * 1000, "none": None}
    assert key_fields(task) == {"seed": 1, "settings.seed": 2, "gain": 0.5, "none": None}
    assert shown({"config": "x" * 1000}) == "no short field"


def test_a_worker_of_another_release_refuses():
    answer = work(f"{HERE}:draws", {}, "9.9")
    assert "this worker has setpoint" in answer.error
    assert "begun with 9.9: install the same on both" in answer.error


def test_every_kind_of_value_is_kept_to_the_last_bit():
    values = plain(everything({}))
    head, back = decode(encode({"digest": "d", "task": {"seed": 3}}, values))
    assert head == {"digest": "d", "task": {"seed": 3}}
    assert list(back) == list(everything({}))
    for name, value in back.items():
        wanted = values[name]
        assert type(value) is type(wanted), name
        if isinstance(wanted, np.ndarray):
            assert (value.dtype, value.shape) == (wanted.dtype, wanted.shape)
            assert value.tobytes() == wanted.tobytes()
        else:
            assert value == wanted or np.isnan(wanted), name


@given(st.dictionaries(NAMES, JSON | st.floats(), max_size=4))
def test_plain_values_come_back(values):
    _, back = decode(encode({}, plain(values)))
    assert list(back) == list(values)
    assert json.dumps(back) == json.dumps(values)


WHOLE = encode({"digest": "d"}, plain(everything({})))


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_changes_no_value(at, change):
    changed = bytearray(WHOLE)
    changed[at] ^= change
    try:
        head, back = decode(bytes(changed))
    except Unreadable:
        return
    assert encode(head, back) == WHOLE


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_short_is_unreadable(size):
    with pytest.raises(Unreadable):
        decode(WHOLE[:size])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1], "a mapping of names to values, received list"),
        ({"a": [1, {"b": np.arange(3)}]}, r"result a\[1\]\.b: can't be kept, received ndarray"),
        ({"a": np.array([object()])}, "result a: can't be kept, received ndarray"),
        ({"a": np.ma.masked_array([1.0], [True])}, "result a: can't be kept, received MaskedArray"),
        ({"a/b": 1}, "names are texts without a slash, received 'a/b'"),
        ({"a": 1j}, "result a: can't be kept, received complex"),
    ],
)
def test_what_can_t_be_kept_is_told(values, said):
    with pytest.raises(SweepError, match=said):
        plain(values)


@given(st.integers(0, 5000), st.integers(1, 600))
def test_chunks_cover_everything_once(count, size):
    pieces = list(chunks(count, size))
    assert [first + n for first, many in pieces for n in range(many)] == list(range(count))
    assert all(1 <= many <= size for _, many in pieces)
    assert len(pieces) == -(-count // size)


def test_chunks_of_nothing_are_refused():
    with pytest.raises(SweepError, match="received size 0"):
        list(chunks(5, 0))
