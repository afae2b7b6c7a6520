"""Law before safety before process: never empty unless suspended, never unlawful, and in any order the same."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.loop.grid import Grid
from controller.loop.limits import Said, combine, lawful_safe, weigh
from controller.signals import Bound, Channel

SIZE = 4
CHANNELS = [
    Channel("lever", "share", 0.0, 0.12, 0.03, 0.03),
    Channel("lever", "share", 0.0, 0.12, 0.03, 0.0, resolution=0.01),
    Channel("lever", "share", 0.02, 0.12, 0.03, 0.12, resolution=0.03),
    Channel("lever", "share", 0.0, 0.12, 0.06, 0.06, levels=(0.01, 0.06, 0.11)),
]
end = st.one_of(
    st.none(),
    st.lists(
        st.one_of(st.floats(-0.05, 0.2), st.sampled_from([0.0, 0.03, 0.06, 0.12, np.nan, np.inf, -np.inf])),
        min_size=SIZE,
        max_size=SIZE,
    ).map(np.array),
)
bound = st.builds(Bound, st.just("lever"), end, end, st.just("so"))
bounds = st.lists(bound, min_size=1, max_size=2)


@st.composite
def told(draw):
    """What some guardrails of any class say."""
    ranks = draw(st.lists(st.sampled_from(["law", "safety", "process"]), max_size=4))
    return [Said(f"g{number}", rank, draw(bounds)) for number, rank in enumerate(ranks)]


def ends(said, rank):
    """The plain intersection of one class."""
    low, high = np.full(SIZE, -np.inf), np.full(SIZE, np.inf)
    for each in said:
        for one in each.bounds if each.rank == rank else []:
            low = low if one.low is None else np.fmax(low, one.low)
            high = high if one.high is None else np.fmin(high, one.high)
    return low, high


def same(one, other, channel="lever"):
    return (
        np.array_equal(one.low[channel], other.low[channel])
        and np.array_equal(one.high[channel], other.high[channel])
        and np.array_equal(one.suspend[channel], other.suspend[channel])
    )


@given(told(), st.sampled_from(CHANNELS))
def test_an_interval_is_never_empty_and_its_ends_are_values_the_actuator_can_take(said, channel):
    soft, hard, safe = weigh(said, {"lever": channel}, SIZE)
    for limits in (soft, hard):
        low, high = limits.low["lever"], limits.high["lever"]
        assert np.isfinite(low).all()
        assert (low <= high).all()
        live = ~limits.suspend["lever"]
        grid = Grid.of(channel)
        assert (grid.nearest(low)[live] == low[live]).all()
        assert (grid.nearest(high)[live] == high[live]).all()
        assert ((low >= channel.low) & (high <= channel.high))[live].all()
    assert np.isfinite(safe["lever"]).all()
    assert ((hard.low["lever"] <= soft.low["lever"]) & (soft.high["lever"] <= hard.high["lever"])).all()


@given(told(), st.sampled_from(CHANNELS))
def test_nothing_unlawful_or_unsafe_is_left_unless_the_cell_is_suspended(said, channel):
    limits = combine(said, {"lever": channel}, SIZE)
    slack = 1e-9
    for rank in ("law", "safety"):
        low, high = ends(said, rank)
        agreed = low <= high
        fine = (limits.low["lever"] >= low - slack) & (limits.high["lever"] <= high + slack)
        torn_on_the_grid = Grid.of(channel).up(low) > Grid.of(channel).down(high)
        assert (fine | limits.suspend["lever"] | ~agreed | ((rank == "safety") & torn_on_the_grid)).all()


@given(told(), st.sampled_from(CHANNELS))
def test_the_safe_value_is_lawful_and_so_is_the_value_of_a_suspended_cell(said, channel):
    limits, safe = (
        combine(said, {"lever": channel}, SIZE),
        lawful_safe(said, {"lever": channel}, SIZE)["lever"],
    )
    grid = Grid.of(channel)
    low, high = ends(said, "law")
    possible = np.isfinite(low) | np.isfinite(high)
    low, high = grid.up(low), grid.down(high)
    lawful = (safe >= low) & (safe <= high)
    nothing_lawful = (low > high) | ~np.isfinite(np.clip(0.05, low, high)) | ~possible
    assert (lawful | nothing_lawful).all()
    stopped = limits.suspend["lever"]
    assert (limits.low["lever"][stopped] == safe[stopped]).all()
    assert (limits.high["lever"][stopped] == safe[stopped]).all()


@given(told(), st.sampled_from(CHANNELS))
def test_the_order_of_guardrails_does_not_matter(said, channel):
    first = combine(said, {"lever": channel}, SIZE)
    for order in permutations(said):
        again = combine(order, {"lever": channel}, SIZE)
        assert same(first, again)
        assert again.names == first.names
        assert np.array_equal(again.low_by["lever"], first.low_by["lever"])
        assert again.dropped == first.dropped


@given(told(), st.sampled_from(CHANNELS), st.sampled_from(["law", "safety", "process"]), st.floats(0.0, 0.05))
def test_tightening_one_class_never_widens_what_it_leaves(said, channel, rank, by):
    """One more bound, inside what its class has left, narrows the interval of that class and of those above it."""
    upper = [each for each in said if each.rank == "law" or rank != "law"]
    upper = [each for each in upper if each.rank != "process" or rank == "process"]
    before = combine(upper, {"lever": channel}, SIZE)
    low, high = before.low["lever"] + by, before.high["lever"]
    tighter = Said("more", rank, [Bound("lever", np.minimum(low, high), high)])
    after = combine([*upper, tighter], {"lever": channel}, SIZE)
    live = ~after.suspend["lever"] & ~before.suspend["lever"]
    assert (after.low["lever"] >= before.low["lever"])[live].all()
    assert (after.high["lever"] <= before.high["lever"])[live].all()


@given(told(), st.sampled_from(CHANNELS))
def test_cells_in_one_array_equal_separate_runs_bit_for_bit(said, channel):
    whole = combine(said, {"lever": channel}, SIZE)
    for cell in range(SIZE):

        def part(array, cell=cell):
            return None if array is None else array[cell : cell + 1]

        alone = combine(
            [
                Said(s.name, s.rank, [Bound("lever", part(b.low), part(b.high)) for b in s.bounds])
                for s in said
            ],
            {"lever": channel},
            1,
        )
        assert alone.low["lever"][0] == whole.low["lever"][cell]
        assert alone.high["lever"][0] == whole.high["lever"][cell]
        assert alone.suspend["lever"][0] == whole.suspend["lever"][cell]
        assert alone.low_by["lever"][0] == whole.low_by["lever"][cell]


def said(name, rank, low=None, high=None, **more):
    def array(value):
        return None if value is None else np.array([value])

    return Said(name, rank, [Bound("lever", array(low), array(high), f"{name} says so", **more)])


def only(*each, channel=CHANNELS[0]):
    limits = combine(each, {"lever": channel}, 1)
    low, high = limits.low["lever"][0], limits.high["lever"][0]
    return limits, low, high


def test_without_guardrails_the_range_of_the_actuator_is_left():
    limits, low, high = only()
    assert (low, high) == (0.0, 0.12)
    assert limits.names == ("actuator",)
    assert limits.why["actuator"]


def test_law_against_safety_suspends_at_a_lawful_value():
    limits, low, high = only(said("terms", "law", low=0.03), said("purse", "safety", high=0.0))
    assert limits.suspend["lever"].all()
    assert low == high == 0.03
    assert limits.dropped == ("purse: wanted lever at most 0, but terms allows 0.03 at least",)


def test_law_outside_the_actuators_range_suspends():
    limits, low, high = only(said("terms", "law", low=0.2))
    assert limits.suspend["lever"].all()
    assert low == high == 0.2
    assert limits.dropped == ("terms: wanted lever at least 0.2, but actuator allows 0.12 at most",)


def test_two_laws_that_exclude_each_other_suspend():
    limits, _, _ = only(said("a", "law", low=0.05), said("b", "law", high=0.04))
    assert limits.suspend["lever"].all()


def test_a_law_between_two_points_of_the_grid_suspends():
    coarse = CHANNELS[1]
    limits, _, _ = only(said("terms", "law", low=0.031, high=0.039), channel=coarse)
    assert limits.suspend["lever"].all()


def test_process_gives_way_to_law_and_keeps_the_nearest_lawful_value():
    limits, low, high = only(said("terms", "law", low=0.05), said("step", "process", low=0.02, high=0.04))
    assert not limits.suspend["lever"].any()
    assert low == high == 0.05
    assert limits.dropped == ("step: wanted lever at most 0.04, but terms allows 0.05 at least",)


def test_two_process_limits_that_exclude_each_other_leave_the_end_nearest_the_safe_value():
    limits, low, high = only(said("a", "process", low=0.08), said("b", "process", high=0.05))
    assert low == high == 0.05
    assert limits.dropped == (
        "a and b: no value of lever suits all; what is nearest to its safe value is kept",
    )


def test_a_guardrail_may_suspend_by_itself():
    stop = Said("kill", "safety", [Bound("lever", why="pressed", suspend=np.array([True]))])
    limits, low, high = only(stop, said("terms", "law", low=0.05))
    assert limits.suspend["lever"].all()
    assert low == high == 0.05


def test_who_set_a_bound_is_told_with_the_sentence():
    limits, _, _ = only(said("terms", "law", low=0.03), said("step", "process", low=0.04, high=0.06))
    names = limits.names
    assert [names[limits.low_by["lever"][0]], names[limits.high_by["lever"][0]]] == ["step", "step"]
    assert limits.why["step"] == "step says so"


def test_of_equal_bounds_the_higher_class_is_named():
    house, terms = said("house", "process", low=0.03, high=0.05), said("terms", "law", low=0.03)
    limits, _, _ = only(house, terms, said("purse", "safety", high=0.05))
    names = limits.names
    assert [names[limits.low_by["lever"][0]], names[limits.high_by["lever"][0]]] == ["terms", "purse"]


def test_a_bound_may_be_softer_than_its_guardrail():
    hard_bound = Bound("lever", high=np.array([0.12]), why="hard")
    pace = Bound("lever", high=np.array([0.01]), why="pace", rank="process")
    purse = Said("purse", "safety", [hard_bound, pace])
    soft, hard, _ = weigh([purse, said("terms", "law", low=0.03)], {"lever": CHANNELS[0]}, 1)
    assert not soft.suspend["lever"].any()
    assert soft.high["lever"][0] == 0.03
    assert hard.high["lever"][0] == 0.12
    assert soft.names[soft.high_by["lever"][0]] == "purse.process"


@pytest.mark.parametrize(
    ("each", "text"),
    [
        (Said("x", "important", []), "class must be law, safety or process"),
        (Said("x", "law", [Bound("other")]), "speaks of 'other', known: lever"),
        (Said("x", "law", [Bound("lever", low=np.zeros(3))]), r"has shape \(3,\), not \(1,\)"),
    ],
)
def test_a_guardrail_that_breaks_its_port_is_named(each, text):
    with pytest.raises(ValueError, match=f"guardrail x: .*{text}"):
        only(each)


def test_a_range_without_a_value_is_refused():
    with pytest.raises(ValueError, match="no value it can take lies from"):
        only(channel=Channel("lever", "share", 0.01, 0.02, 0.01, 0.01, levels=(0.0, 1.0)))
