"""What holds for every twist: none at no strength, bounded at any, the same in any array, one beside another."""

import pkgutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import models.twists
from sim.runs.evenly import EvenLuck
from tests.models.twists.kit import ALL, DT, LEVERS, MADE, RANGES, around, at, plain, run

NAMES = tuple(f"cell-{n}" for n in range(7))
UP = {"win_probability": 0.1, "coupon_value": 5.0, "push_frequency": 6.0}


def up_and_down(n):
    """All levers up for a third of a run, then off, then back."""
    return UP if n < 30 else dict.fromkeys(UP, 0.0) if n < 60 else LEVERS


def test_every_twist_on_disk_is_tested_here():
    assert {m.name for m in pkgutil.iter_modules(models.twists.__path__)} == {*ALL, "base"}


@pytest.mark.parametrize("kind", MADE)
def test_at_no_strength_no_bit_is_another(kind):
    before, bare = run(plain(), NAMES, up_and_down), run(around(MADE[kind](0.0)), NAMES, up_and_down)
    assert set(before) == set(bare)
    for name, rows in before.items():
        assert np.array_equal(rows, bare[name]), name


@pytest.mark.parametrize("kind", ALL)
def test_at_full_strength_something_is_another_as_soon_as_a_lever_moves(kind):
    still = run(plain(), NAMES, lambda n: LEVERS, steps=3)
    twisted = run(around(ALL[kind]()), NAMES, lambda n: LEVERS, steps=3)
    assert np.array_equal(still["units_scanned"][0], twisted["units_scanned"][0])
    before, bare = run(plain(), NAMES, lambda n: UP), run(around(ALL[kind]()), NAMES, lambda n: UP)
    assert any(not np.array_equal(before[name], bare[name]) for name in before)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("cut", [(1, 6), (3, 4)])
def test_cells_in_one_array_are_separate_runs_bit_for_bit(kind, cut):
    whole, start = run(around(ALL[kind]()), NAMES, up_and_down, steps=60), 0
    sizes = at(NAMES)
    for size in cut:
        part = slice(start, start + size)
        alone = _run_of(kind, NAMES[part], {name: sizes[name][part] for name in ("demand", "people")})
        for name, rows in alone.items():
            assert np.array_equal(rows, whole[name][:, part]), name
        start += size


def _run_of(kind, names, sizes):
    """A run of some of the cells, with the sizes that they have among all."""
    from models.draws import Draws, keys_of

    plant, keys, draws, rows = around(ALL[kind]()), keys_of(names), Draws(1), []
    state = plant.start({**at(names), **sizes}, DT)
    for n in range(60):
        shown = {**at(names, **up_and_down(n)), **sizes}
        state, said = plant.step(state, shown, lambda c, n=n: draws.uniform(keys, n, c), DT)
        rows.append(said)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@pytest.mark.parametrize("kind", ALL)
def test_futures_may_be_tried_side_by_side_on_an_axis_in_front(kind):
    """As the oracle does: every value of a lever on a copy of one state."""
    plant, names = around(ALL[kind]()), NAMES[:3]
    values = np.array([[0.0] * 3, [0.12] * 3])
    alone = [_tried(plant, names, row, np.ones(3)) for row in values]
    beside = _tried(plant, names, values, np.ones((2, 3)))
    for name, rows in beside.items():
        for n, one in enumerate(alone):
            assert np.array_equal(rows[..., n, :], one[name]), name


def _tried(plant, names, odds, ones):
    state = {
        name: np.broadcast_to(
            value[..., None, :] if ones.ndim > 1 else value, (*value.shape[:-1], *ones.shape)
        )
        for name, value in plant.start(at(names), DT).items()
    }
    shown = {name: value * ones for name, value in at(names).items()} | {"win_probability": odds}
    rows = []
    for n in range(20):
        state, said = plant.step(state, shown, EvenLuck(ones.shape, n), DT)
        rows.append(said)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@settings(max_examples=25)
@given(
    st.sampled_from(sorted(ALL)),
    st.lists(st.tuples(*(st.floats(*RANGES[name]) for name in LEVERS)), min_size=1, max_size=6),
    st.floats(0.0, 3.0),
    st.integers(0, 9),
)
def test_whatever_the_levers_do_counts_stay_counts(kind, levers, demand, seed):
    """Finite, whole, never below zero, none opened that was not sent; at no demand up to three times the usual."""
    names = ("a", "b")
    plant, path = around(ALL[kind]()), [dict(zip(LEVERS, row, strict=True)) for row in levers]
    from models.draws import Draws, keys_of

    keys, draws = keys_of(names), Draws(seed)
    state = plant.start(at(names), DT)
    for n in range(30):
        shown = at(names, **path[n % len(path)])
        shown["demand"] = shown["demand"] * (demand if n % 7 else 0.0)
        state, said = plant.step(state, shown, lambda c, n=n: draws.uniform(keys, n, c), DT)
        for name, value in said.items():
            assert np.isfinite(value).all(), name
            assert (value >= -1e-9).all(), name
            if plant.signals[name].unit in ("units", "count"):
                assert np.array_equal(value, np.floor(value)), name
        assert (said["opens"] <= said["pushes_sent"]).all()
        assert (said["baskets"] <= said["units_scanned"]).all()
        assert all(np.isfinite(value).all() for value in state.values())


def test_two_of_a_kind_and_two_kinds_know_nothing_of_each_other():
    both = around(MADE["pantry"](0.5), MADE["pantry"](0.0), MADE["backlash"](1.0))
    reordered = around(MADE["pantry"](0.0), MADE["backlash"](1.0), MADE["pantry"](0.5))
    one, other = (run(plant, NAMES, up_and_down) for plant in (both, reordered))
    assert not np.array_equal(one["units_scanned"], run(plain(), NAMES, up_and_down)["units_scanned"])
    assert np.array_equal(one["units_scanned"][:20], other["units_scanned"][:20])


def test_a_twisted_plant_says_what_the_plant_says_of_itself():
    bare, twisted = plain(), around(ALL["pantry"](), ALL["cliff"]())
    assert twisted.levers == bare.levers
    assert twisted.signals == bare.signals
    assert np.array_equal(twisted.settled(at(NAMES)), bare.settled(at(NAMES)))
