"""The pass over everyone: it finds exactly those whose lane is at or below their limit, however it is cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.consumers.agents_fast import FastLoops, MissingNumba
from models.consumers.layout import BINS, GRAIN, Layout
from models.consumers.loops import PlainLoops
from models.draws import Draws, keys_of, numbered, uniforms
from models.response.gamma_rates import segments

SIZES = st.lists(st.integers(1, 3 * GRAIN + 5), min_size=1, max_size=9)


def heads(cells):
    return Draws(4).words(keys_of(tuple(f"c{n}" for n in range(cells))), 8, "trips")


def limits(place):
    """Some low, some in the middle, some at the top; different in every grain."""
    some = np.array([0, 1, 400, 3000, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF])
    return some[np.arange(place.top.size) % some.size].astype(np.uint16)


def one_by_one(own, place, most):
    """By the definition: cell and person, in order."""
    found = []
    for cell, count in enumerate(place.count):
        person = np.arange(count, dtype=np.uint64)
        words = numbered(own[cell : cell + 1], person // np.uint64(4))
        lane = words >> (person % np.uint64(4) * np.uint64(16)) & np.uint64(0xFFFF)
        here = lane <= most[place.grain[cell] + (person // np.uint64(GRAIN)).astype(int)]
        found += [(cell, int(n)) for n in person[here]]
    return found


def found(loops, own, place, most):
    return list(zip(*(each.tolist() for each in loops.scan(own, place, most)), strict=True))


@settings(max_examples=25, deadline=None)
@given(SIZES, st.sampled_from([GRAIN // 4, GRAIN, 1 << 15]))
def test_it_finds_those_and_only_those_in_any_room(sizes, room):
    place = Layout.of(np.array(sizes, float), 0.717)
    own, most = heads(len(sizes)), limits(place)
    assert found(PlainLoops(room), own, place, most) == one_by_one(own, place, most)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("sizes", [(1,), (5, GRAIN), (3 * GRAIN + 5, 2, 700, GRAIN - 1)])
def test_the_compiled_one_finds_the_same_on_any_number_of_threads(sizes, threads):
    loops = compiled(threads)
    place = Layout.of(np.array(sizes, float), 0.717)
    own, most = heads(len(sizes)), limits(place)
    assert found(loops, own, place, most) == one_by_one(own, place, most)


def test_the_compiled_loops_give_the_bits_of_numpy():
    fast, plain = compiled(), PlainLoops()
    own, rest = heads(3), heads(6)[3:]
    cell = np.arange(3000) % 3
    person = np.arange(3000, dtype=np.uint64) * np.uint64(2**52 + 7)
    assert np.array_equal(fast.trips(own, rest, cell, person), plain.trips(own, rest, cell, person))
    for ordinal in (None, np.arange(3000) % 5):
        assert np.array_equal(
            fast.uniforms(own, cell, person, ordinal), plain.uniforms(own, cell, person, ordinal)
        )
    one = slice(0, 1)
    assert fast.uniforms(own, cell[one], person[one], cell[one] + 3) == plain.uniforms(
        own, cell[one], person[one], cell[one] + 3
    )
    place = Layout.of(np.array([90.0, 1.0, 5000.0]), 0.717)
    told = np.array([85, 0, 17]), np.array([90, 1, 4999]), np.array([7, 0, 1909])
    reached = np.arange(place.first[-1]) % 3 > 0
    for one, other in zip(
        fast.reached(place, *told, reached), plain.reached(place, *told, reached), strict=True
    ):
        assert np.array_equal(one, other)


def compiled(threads=None):
    try:
        return FastLoops(threads)
    except MissingNumba as missing:
        pytest.skip(f"numba: {missing}")
    except ValueError as few:
        pytest.skip(f"threads: {few}")


def test_the_first_16_bits_of_a_uniform_are_its_lane():
    place, loops, own = Layout.of(np.array([4000.0]), 1.0), PlainLoops(), heads(2)
    everyone = np.arange(4000, dtype=np.uint64)
    u = loops.trips(own[:1], own[1:], np.zeros(4000, np.int64), everyone)
    for most in (0, 99, 40_000):
        _, person = loops.scan(own[:1], place, np.full(place.top.size, most, np.uint16))
        assert np.array_equal(person, np.flatnonzero(u < (most + 1) / 65536))
    rest = (u * 65536) % 1.0
    assert np.bincount((rest * 8).astype(int), minlength=8).min() > 400
    assert not np.array_equal(rest, uniforms(numbered(own[1:], everyone)))


def test_a_room_that_cuts_through_grains_is_refused():
    with pytest.raises(ValueError, match="multiple"):
        PlainLoops(300)


@pytest.mark.parametrize("people", [1, 17, GRAIN + 1, BINS + 5])
def test_rates_are_the_bins_of_the_law_slowest_first_of_mean_one(people):
    place = Layout.of(np.array([3.0, people]), 0.717)
    rate = place.rate(np.full(people, 1), np.arange(people))
    assert rate.mean() == pytest.approx(1.0)
    assert (np.diff(rate) >= 0).all()
    assert np.allclose(place.rate(np.zeros(3, int), np.arange(3)), segments(0.717, 3))
    if people <= BINS:
        assert np.allclose(rate, segments(0.717, people))
    grain = np.arange(people) // GRAIN + place.grain[1]
    assert (rate <= place.top[grain]).all()
    assert np.isin(place.top[place.grain[1] :], rate).all()
