"""Quantities: what is read is written back, and what can be read in two ways is refused with both readings."""

import math
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from controller.quantities import (
    Amount,
    QuantityError,
    Rate,
    Template,
    Unit,
    read_duration,
    read_points,
    read_share,
    write_change,
    write_duration,
    write_level,
    write_points,
    write_share,
)
from controller.quantities.money import CODES, Money, digits
from controller.quantities.redaction import redact

numbers = st.floats(0, 1e12, allow_nan=False)
nouns = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
spans = st.sampled_from(["", "second", "minute", "h", "day", "week", "visit"])


@given(st.floats(0, 1))
def test_shares_come_back(share):
    assert read_share(write_share(share)) == share


@given(st.floats(-1, 1))
def test_points_come_back(change):
    assert read_points(write_points(change)) == change


@given(numbers)
def test_durations_come_back(seconds):
    assert read_duration(write_duration(seconds)) == seconds


@given(st.sampled_from(sorted(CODES)), st.integers(-(10**15), 10**15))
def test_money_comes_back(code, minor):
    assert Money.parse(str(Money(code, minor))) == Money(code, minor)


@given(st.floats(-1e12, 1e12, allow_nan=False), nouns, spans)
def test_amounts_come_back(number, noun, per):
    unit = Unit.parse(f"{noun}/{per}" if per else noun)
    amount = Amount(number, unit)
    assert Amount.parse(str(amount)) == amount


@given(st.floats(0, 1e6, allow_nan=False), st.sampled_from([1.0, 60.0, 3600.0, 86400.0, 604800.0]))
def test_rates_come_back(count, seconds):
    assert Rate.parse(str(Rate(count, seconds))) == Rate(count, seconds)


@given(numbers, st.sampled_from(["share", "CNY", "count", "units/h", "push/week"]))
def test_levels_come_back_in_their_own_unit(value, unit):
    assert Amount.parse(write_level(value, unit)).level_in(unit) == value
    assert Amount.parse(write_change(value, unit)).change_in(unit) == value


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text):
    for read in (read_share, read_points, read_duration, Money.parse, Amount.parse, Rate.parse, Unit.parse):
        with suppress(QuantityError):
            read(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("3h", 10800),
        ("7d", 604800),
        ("1w", 604800),
        ("250ms", 0.25),
        ("1h30m", 5400),
        (0, 0),
    ],
)
def test_durations(text, seconds):
    assert read_duration(text) == seconds


def refusal(read, value):
    with pytest.raises(QuantityError) as caught:
        read(value)
    return str(caught.value)


def test_a_bare_number_is_no_share_and_both_readings_are_printed():
    assert refusal(read_share, 0.03) == (
        "a share is written with %, received 0.03, allowed: 3% (as a fraction) or 0.03% (as a percentage)"
    )
    assert "300% (as a fraction) or 3% (as a percentage)" in refusal(read_share, 3)


def test_a_percentage_is_no_change_of_a_share():
    assert refusal(lambda v: Amount.parse(v).change_in("share", 0.03), "1%") == (
        "a change of a share is written in points, received '1%', allowed: 1 point (3% -> 4%) or 0.03 points (1% of 3%)"
    )


def test_points_are_no_level():
    assert "allowed: 3% (points are a change of a share)" in refusal(read_share, "3 points")


def test_a_duration_needs_its_unit():
    assert refusal(read_duration, 60) == "a duration needs its unit, received 60, allowed: 60s, 60m or 60h"
    for text in ("5 parsecs", "h", "-5m", "5m!", "", "1e3s"):
        assert "not a duration" in refusal(read_duration, text)


def test_a_rate_of_a_target_needs_its_span():
    assert refusal(lambda v: Amount.parse(v).level_in("units/h"), 28000) == (
        "a rate needs its span of time, received 28000, allowed: 28000 units/h or 28000 units/day"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (500, "money needs a currency, received 500"),
        ("500", "money needs a currency, received '500'"),
        (
            "500 RMB",
            "no currency is called 'RMB', received '500 RMB', allowed: a code of ISO 4217 such as CNY",
        ),
        ("0.005 CNY", "finer than CNY is divided, received '0.005 CNY', allowed: at most 2 decimal digits"),
        ("12.5 JPY", "finer than JPY is divided"),
        ("1e30 CNY", "too large an amount"),
    ],
)
def test_money_is_refused(text, said):
    assert said in refusal(Money.parse, text)


def test_money_is_whole_minor_units():
    assert Money.parse("0.1 CNY").minor == 10
    assert Money.parse("1.005 KWD").minor == 1005
    assert [digits(code) for code in ("CNY", "JPY", "KWD")] == [2, 0, 3]
    assert Money.parse("1 CNY") < Money.parse("2 CNY")


def test_levels_convert_between_spans_and_windows():
    day = Amount.parse("28000 units/day")
    assert math.isclose(day.level_in("units/h"), 28000 / 24)
    assert math.isclose(day.level_in("units", window=3600.0), 28000 / 24)
    assert math.isclose(Amount.parse("9000 units/week").level_in("units/day"), 9000 / 7)
    assert Amount.parse("1 unit/h").level_in("units/hour") == 1.0
    with pytest.raises(QuantityError, match="units/day does not fit CNY"):
        day.level_in("CNY")
    with pytest.raises(QuantityError, match="does not fit units/visit"):
        day.level_in("units/visit")


@pytest.mark.parametrize("value", [True, None, [], {}, "", "x", "1e999 CNY", "3 % %", float("nan")])
def test_what_is_no_quantity_is_refused(value):
    assume_refused = (read_share, read_duration, Money.parse, Rate.parse)
    for read in assume_refused:
        with pytest.raises((QuantityError, ValueError)):
            read(value)


@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=4, max_size=20))
def test_a_secret_is_revealed_only_when_asked(secret):
    assume("KEY" not in secret and secret not in "Bearer ${env:KEY}" and "$" not in secret)
    template = Template("Bearer ${env:KEY}")
    assert secret not in repr(template) + str(template) + repr({template: [template]})
    revealed = template.reveal({"KEY": secret})
    assert revealed == f"Bearer {secret}"
    assert redact(revealed, [template], {"KEY": secret}) == str(template)
