"""The codec gives every bit back, and says which record it can't read."""

import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from controller.errors import StoreBroken
from controller.ports import Record
from controller.store.codec import HEAD, Codec, to_json
from controller.store.layouts import SMALL, Layouts, layout_from
from controller.store.packing import Form

DTYPES = st.sampled_from([np.float64, np.int64, np.int8, np.bool_, np.uint64, np.float32])
SHAPES = st.one_of(st.just(()), st.integers(0, 700), st.tuples(st.integers(1, 300), st.integers(1, 3)))
ARRAYS = DTYPES.flatmap(lambda dtype: SHAPES.flatmap(lambda shape: hnp.arrays(dtype, shape)))
COLUMNS = st.dictionaries(st.text(min_size=1, max_size=8), ARRAYS, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(
    COLUMNS, st.dictionaries(st.text(), JSON, max_size=4), st.integers(0, 2**40), st.integers(-(2**40), 2**40)
)
def test_round_trip(columns, data, number, index):
    codec = Codec(Layouts())
    for _ in range(2):  # the second time the layout is known, and its specimen used
        found = codec.decode(codec.encode(Record("tick", index, 0.5, columns, data), number))
        assert (found.number, found.index, found.data) == (number, index, data)
        assert list(found.columns) == list(columns)
        for name, array in columns.items():
            assert (found.columns[name].dtype, found.columns[name].shape) == (array.dtype, array.shape)
            assert found.columns[name].tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("column", "form"),
    [
        (np.full(3000, 0.03), Form.ONE),
        (np.full(3000, np.nan), Form.ONE),
        (np.arange(3000.0) % 100, Form.INT8),
        (np.arange(3000) - 1500, Form.INT16),
        (np.arange(3000) * 1000, Form.INT32),
        (np.arange(3000.0) / 7, Form.RAW),
        (np.where(np.arange(3000) % 2, 0.0, -0.0), Form.RAW),
        (np.where(np.arange(3000) % 2, 1.0, np.nan), Form.RAW),
        (np.where(np.arange(3000) % 2, 1.0, np.inf), Form.RAW),
        (np.arange(3000) % 2 == 0, Form.RAW),
    ],
)
def test_shortest_form(column, form):
    codec = Codec(Layouts())
    row = codec.encode(Record("tick", 0, 0.0, {"a": column, "b": column}), 0)
    assert [row.body[HEAD.size], row.body[HEAD.size + 1]] == [form, Form.SAME]
    found = codec.decode(row).columns
    assert found["a"].tobytes() == found["b"].tobytes() == column.tobytes()
    found["a"][:] = 0
    assert found["b"].tobytes() == column.tobytes()


def test_a_payload_of_nan_survives():
    odd = np.frombuffer(struct.pack("<Q", 0x7FF8_0000_0000_BEEF), np.float64)
    codec = Codec(Layouts())
    for size in (1, SMALL):
        row = codec.encode(Record("tick", 0, 0.0, {"a": np.repeat(odd, size)}), 0)
        assert codec.decode(row).columns["a"][:1].tobytes() == odd.tobytes()


def test_a_small_record_is_small():
    """The names are kept once, and JSON that repeats costs next to nothing."""
    codec, names = Codec(Layouts()), [f"signal.sensor_{i}.value" for i in range(40)]
    data = {
        "names": ["bounds", "terms", "calm"],
        "why": dict.fromkeys(names, "because of the published terms"),
    }
    rows = [
        codec.encode(Record("tick", i, 60.0 * i, {n: np.array([i / 7]) for n in names}, data), i)
        for i in (0, 1)
    ]
    assert len(rows[1].body) == HEAD.size + 40 * 8
    assert len(rows[1].data) < 40 < len(json.dumps(data)) / 40


def test_big_endian_columns_are_turned():
    codec = Codec(Layouts())
    found = codec.decode(codec.encode(Record("tick", 0, 0.0, {"a": np.array([1.5, 2.5], ">f8")}), 0))
    assert found.columns["a"].tolist() == [1.5, 2.5]


@pytest.mark.parametrize("size", [1, 3000])
def test_damage_is_found_and_the_record_named(size):
    codec = Codec(Layouts())
    data = {"why": "x" * 400}
    row = codec.encode(Record("tick", 7, 420.0, {"a": np.arange(size) / 7, "b": np.arange(size)}, data), 31)
    middle = len(row.body) // 2
    changed = bytes([row.body[middle] ^ 1])
    damaged = [
        replace(row, body=row.body[:middle] + changed + row.body[middle + 1 :]),
        replace(row, body=row.body[:-1]),
        replace(row, body=row.body[:3]),
        replace(row, body=b""),
        replace(row, data=row.data[:-1] + bytes([row.data[-1] ^ 1])),
        replace(row, time=421.0),
        replace(row, index=8),
        replace(row, kind="intent"),
    ]
    for bad in damaged:
        with pytest.raises(StoreBroken, match=r"record 31 "):
            codec.decode(bad)
    with pytest.raises(StoreBroken, match=r"record 30 .*checksum"):
        codec.decode(replace(row, number=30))


def test_an_unknown_version_is_refused():
    codec = Codec(Layouts())
    row = codec.encode(Record("tick", 0, 0.0, {"a": np.ones(1)}), 5)
    with pytest.raises(StoreBroken, match=r"record 5 .*version 2.*reads version 1"):
        codec.decode(replace(row, body=b"\x02" + row.body[1:]))


def test_a_body_that_does_not_fit_its_layout_is_refused():
    """Even where the checksum is right."""
    codec = Codec(Layouts())
    row = codec.encode(Record("tick", 0, 0.0, {"a": np.ones(1)}), 5)
    place = struct.pack("<qqdIB", 5, 0, 0.0, row.layout, 0)
    crc = zlib.crc32(b"{}", zlib.crc32(b"abc", zlib.crc32(b"tick", zlib.crc32(place))))
    with pytest.raises(StoreBroken, match=r"record 5 .*3 bytes of columns"):
        codec.decode(replace(row, body=HEAD.pack(1, 0, crc) + b"abc"))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"a": float("nan")}, "a is nan"),
        ({"a": [1, {"b": float("-inf")}]}, r"a\.1\.b is -inf"),
        ({"a": {1, 2}}, r"a is \{1, 2\}"),
        ({"a": np.float64("nan")}, r"a is np.float64\(nan\)"),
    ],
)
def test_what_is_not_json_is_located(data, place):
    with pytest.raises(ValueError, match=f"data of a tick record .*{place}; allowed are finite numbers"):
        to_json(data, "data of a tick record")


def test_numpy_scalars_are_numbers():
    assert (
        to_json({"a": np.int64(3), "b": np.bool_(True), "c": np.float64(0.5)}, "x")
        == b'{"a":3,"b":true,"c":0.5}'
    )


def test_columns_that_are_not_kept_are_refused():
    for column in (np.array(["a"]), np.array([None]), np.array([1 + 2j]), np.array(["2026-01-01"], "M8[D]")):
        with pytest.raises(ValueError, match=r"column 'who' of a tick record has dtype .* keeps float64"):
            Codec(Layouts()).encode(Record("tick", 0, 0.0, {"who": column}), 0)


def test_a_damaged_layout_is_refused():
    for text in ("[", '[["a"]]', '[["a","<f9",[1]]]', "3"):
        with pytest.raises(StoreBroken, match="layout 4"):
            layout_from(4, "tick", text, b"")
    with pytest.raises(StoreBroken, match="no layout 9"):
        Layouts().get(9)
