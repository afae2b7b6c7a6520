"""What YAML makes of the things people write."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config import yaml12
from controller.errors import ConfigError


def value(text):
    return yaml12.read(text).value


def fault(text):
    with pytest.raises(ConfigError) as caught:
        yaml12.read(text, "a.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("1e3", 1000.0),
        ("1e-3", 0.001),
        ("010", 10),
        ("-7", -7),
        ("5%", "5%"),
        ("2026-06-01", "2026-06-01"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("true", True),
        ("~", None),
        ("", None),
        (".5", 0.5),
        ("NaN", "NaN"),
        ("'12'", "12"),
    ],
)
def test_plain_scalars_are_those_of_yaml_1_2(written, read):
    got = value(f"a: {written}")["a"]
    assert got == read
    assert type(got) is type(read)


@pytest.mark.parametrize("written", [".nan", ".inf", "-.inf", "1e999"])
def test_numbers_that_are_not_finite_are_refused(written):
    assert (
        fault(f"a: {written}")
        == f"a.yaml:1:4 a: not a finite number, received {written}, allowed: a finite number"
    )


def test_a_key_given_twice_is_refused_where_it_stands_again():
    assert fault("a: 1\nb: 2\na: 3") == "a.yaml:3:1 a: key given twice, first in line 1, allowed: once"


def test_all_duplicates_come_at_once():
    assert len(fault("a: {x: 1, x: 2}\nb: {y: 1, y: 2}").splitlines()) == 2


@pytest.mark.parametrize("text", ["5: x", "true: x", "~: x", "? [a]\n: x", "'': x"])
def test_keys_are_texts(text):
    assert "a key must be a text" in fault(text)


def test_merge_keys_tags_and_second_documents_are_refused():
    assert "merge keys are not part of YAML 1.2" in fault("a: &x {b: 1}\nc: {<<: *x}")
    assert "tags are not allowed" in fault("a: !!python/object/apply:os.system [ls]")
    assert "tags are not allowed" in fault("a: !mine 5")
    assert "expected a single document" in fault("a: 1\n--- \nb: 2")


def test_an_alias_is_a_copy_and_may_not_contain_itself():
    assert value("a: &x {b: 1}\nc: *x") == {"a": {"b": 1}, "c": {"b": 1}}
    assert "an alias that contains itself" in fault("a: &x [*x]")


def test_a_bomb_of_aliases_is_refused():
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    assert "too many values" in fault(f"l0: &l0 [x, x, x, x, x, x, x, x, x]\n{levels}")


def test_what_is_no_yaml_says_where():
    assert fault("a: [1,\nb: {").startswith("a.yaml:3:1 not YAML: ")


def test_bytes_must_be_utf_8():
    assert yaml12.decode("a: 奖".encode(), "a.yaml") == "a: 奖"
    assert yaml12.decode(b"\xef\xbb\xbfa: 1", "a.yaml") == "a: 1"
    with pytest.raises(ConfigError, match=r"a\.yaml:2:4 not UTF-8, received byte 0xe9"):
        yaml12.decode(b"a: 1\nb: \xe9", "a.yaml")
    with pytest.raises(ConfigError, match="too large"):
        yaml12.decode(b"#" * (yaml12.LARGEST + 1), "a.yaml")


def test_places_are_those_of_the_values():
    document = yaml12.read("a:\n  b: [1, {c: 奖品, d: 2}]\n")
    assert document.values["a", "b", 1, "d"] == (2, 21)
    assert document.keys["a", "b", 1, "d"] == (2, 18)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(ConfigError):
        yaml12.read(text)
