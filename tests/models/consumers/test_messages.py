"""The wheel of messages: everyone in turn, evenly, and what is remembered when the next one comes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.consumers.layout import Layout
from models.consumers.loops import PlainLoops
from models.consumers.messages import before_next, check, passes, places, stride


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 5000))
def test_everyone_has_one_place_and_neighbours_are_far_apart(people):
    place = places(people)
    assert np.array_equal(np.sort(place), np.arange(people))
    step, back = stride(people)
    assert people == 1 or step * back % people == 1
    if people > 50:
        assert np.abs(np.diff(place)).min() > people / 5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(1, 400))
def test_a_turn_of_the_wheel_passes_everyone_once(turns, people):
    turns = np.array([*turns, 1.0])
    loops, place, wheel, sent = PlainLoops(), Layout.of(np.array([float(people)]), 1.0), 0.0, np.zeros(people)
    for turned in turns:
        passing = passes(np.array([wheel]), np.array([turned]), place.count)
        _, person = loops.reached(place, *passing, np.ones(people, bool))
        assert np.unique(person).size == person.size
        sent[person] += 1
        wheel = (wheel + turned) % 1.0
    assert sent.max() - sent.min() <= 2
    assert sent.sum() == pytest.approx(turns.sum() * people, abs=1 + len(turns))


def test_cells_turn_on_their_own():
    place = Layout.of(np.array([40.0, 7.0, 1.0]), 1.0)
    wheel, turned = np.array([0.2, 0.9, 0.5]), np.array([0.3, 0.4, 1.0])
    reached = np.arange(48) % 3 > 0
    cell, person = PlainLoops().reached(place, *passes(wheel, turned, place.count), reached)
    for n, many in enumerate(place.count):
        own = Layout.of(np.array([float(many)]), 1.0)
        part = reached[place.first[n] : place.first[n + 1]]
        alone = PlainLoops().reached(own, *passes(wheel[n : n + 1], turned[n : n + 1], own.count), part)
        assert np.array_equal(person[cell == n], alone[1])


@pytest.mark.parametrize("period", [0.05, 0.5, 1.0, 4.0])
def test_what_is_remembered_before_the_next_message_is_right_for_regular_ones(period):
    """In units of the memory's time constant: exp(-period) + exp(-2 period) + ..."""
    regular = np.exp(-period * np.arange(1, 2000)).sum()
    assert before_next(np.array([1.0 / period]))[0] == pytest.approx(regular)


def test_nobody_is_sent_two_at_once():
    check(np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="at most one message"):
        check(np.array([1.2]))
