"""What may stand beside tune: auto, and what is refused with what is allowed instead."""

import pytest

from controller.config.typed import typed
from controller.policies.pid import Settings
from controller.quantities import QuantityError


def faults(keys):
    found = []
    typed(Settings, keys, ("policy",), found)
    return " | ".join(f"{'.'.join(map(str, fault.path))}: {fault.text}" for fault in found)


def test_it_needs_no_gains_and_takes_what_is_known_of_the_market():
    assert not faults({"tune": "auto"})
    known = {"gain": [0.1, 0.8], "lag": ["2h", "12h"], "dead_time": ["0s", "3h"]}
    assert not faults({"tune": "auto", "model": known, "dither": "2%"})


@pytest.mark.parametrize(
    ("key", "value"),
    [("gain", 1.5), ("integral_time", "6h"), ("kp", 2.0), ("form", "parallel"), ("deadband_above", "10%")],
)
def test_a_gain_beside_it_is_refused_naming_both(key, value):
    said = faults({"tune": "auto", key: value})
    assert "tune: auto" in said
    assert key in said


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"gain": ["much", 0.8]}, "a number"),
        ({"gain": [0.8, 0.1]}, "the lower end first"),
        ({"gain": [-0.8, -0.1]}, "`move` gives the direction"),
        ({"gain": [0.5]}, "too few"),
        ({"lag": ["0s", "3h"]}, "above zero"),
        ({"lag": ["5h", "3h"]}, "the lower end first"),
        ({"dead_time": ["soon", "3h"]}, "5m"),
        ({"speed": [1, 2]}, "unknown key"),
    ],
)
def test_an_interval_that_is_none_is_refused_with_what_is_allowed(model, words):
    said = faults({"tune": "auto", "model": model})
    assert words in said, said


def test_what_is_for_auto_alone_is_refused_without_it():
    for rest in ({"model": {"lag": ["2h", "3h"]}}, {"dither": "5%"}):
        assert "tune: auto" in faults({"gain": 1.0, **rest})


def test_a_large_dither_is_refused():
    with pytest.raises(QuantityError, match=r"0 to 0\.2"):
        Settings(tune="auto", dither=0.5)
