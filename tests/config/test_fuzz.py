"""Whatever stands in a file, it loads or is refused with places: no other error ever comes out."""

import copy
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config import load, loads, yaml12
from controller.config.canonical import canonical
from controller.config.noise import floors
from controller.errors import ConfigError
from tests.config.sample import TEXT
from tests.config.test_loops import LOOPS

TREES = [yaml12.read(TEXT).value, *(yaml12.read(path.read_text()).value for path in LOOPS)]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "3%", "0%", "1 point", "5 CNY", "0s", "1h", "7d", "units", "units[north]", "units/day", "28000 units/day",
         "2026-06-01", "02-30", "maximise", "win_rate", "sales.target", "prizes.share", "others", "${env:A}", "/",
         "raises"]
    ),
    st.lists(st.sampled_from(["sales", "win_rate", 1, "3%"]), max_size=3),
    st.dictionaries(st.sampled_from(["kind", "unit", "north", "others", "keep_at", "a b"]), st.just("3%"), max_size=2),
)  # fmt: skip


def places(value, path=()):
    """Paths of all parts of a tree."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield from places(inner, (*path, key))


def put(tree, path, value):
    """The tree with another value at a path, or without that part where the value is ...."""
    tree = copy.deepcopy(tree)
    inner = tree
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return tree


@given(st.data())
def test_any_part_may_be_anything_or_missing(data):
    tree = data.draw(st.sampled_from(TREES))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(tree))[1:]))
        tree = put(tree, path, data.draw(st.one_of(st.just(...), VALUES)))
    with suppress(ConfigError):
        plan = loads(json.dumps(tree), allow_reserved=True)
        floors(plan)
        assert loads(canonical(plan), allow_reserved=True).campaign == plan.campaign


@given(st.binary(max_size=60))
def test_any_bytes(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("any") / "a.yaml"
    file.write_bytes(data)
    with pytest.raises(ConfigError):
        load(file)
