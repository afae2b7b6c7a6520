"""JSON, paths, times, metrics text and PromQL as they come from outside."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.io.metrics_text import BadPage, Selector
from controller.io.moments import moment_of
from controller.io.numbers import BadValue, finite
from controller.io.paths import JsonPath, Mark, NotThere
from controller.io.promql import reads_of
from controller.io.signing import sign, verified
from controller.io.strict_json import BadJson, NotANumber, number_of, read_json, write_json
from controller.quantities import QuantityError


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": 1', "line 1, column 8"),
        (b"", "not JSON"),
        (b'{"a": 1} trailing', "not JSON"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"b": {"a": 1, "a": 1}}', "'a' stands twice"),
    ],
)
def test_a_document_that_is_none_is_refused_with_its_place(body, words):
    with pytest.raises(BadJson, match=words):
        read_json(body)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400", "9" * 5000])
def test_numbers_that_json_does_not_know_spoil_their_place_only(text):
    document = read_json(f'{{"a": {text}, "b": 2}}'.encode())
    assert isinstance(document["a"], NotANumber)
    assert document["b"] == 2
    with pytest.raises(BadValue):
        number_of(document["a"], text=True)


@pytest.mark.parametrize("value", [None, True, False, "", "many", "1", [1], {"a": 1}, 10**400, float("nan")])
def test_what_is_no_number_is_never_one(value):
    with pytest.raises(BadValue):
        number_of(value)


@given(st.text(max_size=12))
def test_text_is_a_number_only_in_plain_decimal_form(text):
    try:
        value = finite(text)
    except BadValue:
        return
    assert set(text.strip()) <= set("0123456789+-.eE")
    assert value == float(text)


PLAIN = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5)
DOCUMENTS = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@given(DOCUMENTS)
def test_what_is_written_is_read_back(document):
    assert read_json(write_json(document)) == document


def test_nothing_that_json_can_not_carry_is_written():
    for document in ({"a": float("nan")}, {"a": {1, 2}}):
        with pytest.raises(BadJson):
            write_json(document)


# -- paths ----------------------------------------------------------------------------------------------------------

STORES = {"data": {"a.b": [{"id": "s1", "v": [1, 2]}, {"id": "s2"}, 7]}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data['a.b'][0].v[1]", [((), 2)]),
        ("$.data['a.b'][*].id", [((0,), "s1"), ((1,), "s2"), ((2,), Mark.ABSENT)]),
        ("data['a.b'][*].v[*]", [((0, 0), 1), ((0, 1), 2)]),
        ("data.*[0].id", [(("a.b",), "s1")]),
        ("$", [((), STORES)]),
    ],
)
def test_paths(path, found):
    assert JsonPath.parse(path).find(STORES) == found


@pytest.mark.parametrize("path", ["data.x", "data['a.b'][9]", "x[*].v", "data['a.b'][0].id[*]"])
def test_what_stands_before_the_first_star_must_be_there(path):
    with pytest.raises(NotThere, match="stands at"):
        JsonPath.parse(path).find(STORES)


@pytest.mark.parametrize("path", ["", ".", "a..b", "a[", "a[-1]", "a[x]", ".a", "a.", "a['b"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(QuantityError):
        JsonPath.parse(path)


# -- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zone", "seconds"),
    [
        ("2026-06-01T12:00:00Z", None, 1_780_315_200.0),
        ("2026-06-01T14:00:00+02:00", "Asia/Tokyo", 1_780_315_200.0),
        ("2026-06-01 14:00", "Europe/Berlin", 1_780_315_200.0),
        ("2026-06-01", "UTC", 1_780_272_000.0),
    ],
)
def test_times(text, zone, seconds):
    assert moment_of(text, "iso", zone) == seconds


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        ("2026-06-01T12:00", "iso", "no `timezone` is set"),
        ("2026-03-29T02:30", "iso", "does not exist in Europe/Berlin"),
        ("2026-10-25T02:30", "iso", "comes twice in Europe/Berlin"),
        ("noon", "iso", "not a time"),
        (None, "iso", "not a time"),
        (True, "seconds", "not a time"),
        ("1e999", "seconds", "not finite"),
    ],
)
def test_a_time_that_can_not_be_told_is_refused(value, form, words):
    with pytest.raises(BadValue, match=words):
        moment_of(value, form, "Europe/Berlin" if "Berlin" in words else None)


# -- metrics text and PromQL ----------------------------------------------------------------------------------------

PAGE = b"""# HELP sold_total Units\n# TYPE sold_total counter
sold_total{store="s1",note="a } \\" b"} 5 1780315200000
sold_total{store="s2"} +Inf
sold_totally 3
sold{store="s1"} not-a-number
"""


def test_only_the_lines_of_the_metric_are_read():
    found = Selector.parse("sold_total").samples(PAGE)
    assert [sample.value for sample in found] == [5.0, float("inf")]
    assert found[0].at == 1_780_315_200.0
    assert Selector.parse('sold_total{note="a } \\" b"}').samples(PAGE) == found[:1]
    assert Selector.parse("nothing").samples(PAGE) == []


@pytest.mark.parametrize(
    ("page", "words"), [(PAGE, "sold is not metrics text"), (b"\xff\n", "UTF-8"), (b"sold 1", "middle")]
)
def test_a_page_that_is_torn_or_none_is_refused(page, words):
    with pytest.raises(BadPage, match=words):
        Selector.parse("sold").samples(page)


@pytest.mark.parametrize("text", ["", "9a", "a{b}", "a{b=c}", 'a{b="c"', 'a{b="c"}x', 'a{b!="c"}'])
def test_a_selector_that_is_none_is_refused(text):
    with pytest.raises(QuantityError):
        Selector.parse(text)


@pytest.mark.parametrize(
    ("query", "selectors", "reach"),
    [
        ("up", ("up",), 0.0),
        ("sum(increase(units_scanned_total[1h]))", ("units_scanned_total",), 3600.0),
        ("sum by (store, sum) (a) / on (by) b", ("a", "b"), 0.0),
        ("a{x='}[5m] b'}[5m] or vector(0)", ("a{x='}[5m] b'}",), 300.0),
        ("rate(a[1h30m:5m] offset 1d) + count + 1e3 + Inf", ("a", "count"), 5400.0),
        ('{__name__="a:b"} # c{d}', ('{__name__="a:b"}',), 0.0),
        ("time()", (), 0.0),
        ("a + a", ("a",), 0.0),
    ],
)
def test_selectors_of_a_query(query, selectors, reach):
    found = reads_of(query)
    assert (found.selectors, found.reach) == (selectors, reach)


@given(st.text(max_size=60))
def test_any_text_can_be_looked_through(text):
    reads_of(text)


# -- signatures -----------------------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=30), st.binary(max_size=50), st.integers(0, 2**31))
def test_a_signature_is_ours_and_of_this_body_only(key, body, moment):
    headers = sign(key, "id-1", float(moment), body)
    assert verified(key, headers, body, moment + 299.0)
    assert not verified(key, headers, body, moment + 301.0)
    assert not verified(key, headers, body + b" ", float(moment))
    assert not verified(key + "x", headers, body, float(moment))
    assert not verified(key, {**headers, "webhook-id": "id-2"}, body, float(moment))
    assert not verified(key, {}, body, float(moment))
    rotated = {**headers, "webhook-signature": f"v1,AAAA {headers['webhook-signature']} v2,x"}
    assert verified(key, rotated, body, float(moment))


def test_canonical_json_does_not_depend_on_order():
    assert (
        write_json({"b": 1, "a": [1.5]})
        == write_json(json.loads('{"a": [1.5], "b": 1}'))
        == b'{"a":[1.5],"b":1}'
    )
