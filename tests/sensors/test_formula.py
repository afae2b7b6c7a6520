"""formula: arithmetic of readings, and nothing else."""

import ast
import operator
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cells import Cells
from controller.clock import TickMaker
from controller.errors import SensorError
from controller.plan import Sensor
from controller.quantities import QuantityError
from controller.sensors.formula import Formula, FormulaSensor, Settings
from controller.signals import Quality, Reading
from tests.sensors.worlds import HOUR, NOON

CELLS = Cells(("a", "b", "c"))
TICK = TickMaker(CELLS, 60.0).at(NOON)


def reading(
    value, quality=(0, 0, 0), start=NOON - HOUR, end=NOON, at=None, samples=np.nan, alive=None, note=""
):
    stamps = np.full(3, np.nan if at is None else at)
    codes = np.array(quality, np.int8)
    return Reading(
        "x", "count", np.array(value, float), start, end, stamps, np.full(3, samples), codes, alive, note
    )


def worked_out(text, **inputs):
    return FormulaSensor(Sensor(kind="formula"), Settings(value=text), CELLS).read_from(TICK, inputs)


def test_is_worked_out_cell_by_cell():
    found = worked_out("a * b * 2", a=reading([1, 2, 3]), b=reading([5, 6, 7]))
    assert found.value.tolist() == [10.0, 24.0, 42.0]
    assert found.quality.tolist() == [0, 0, 0]
    assert worked_out("2 - min(a, 2, 3) / max(a, 1)", a=reading([1, 2, 4])).value.tolist() == [1.0, 1.0, 1.5]


def test_its_quality_is_that_of_the_worst_input_and_bad_never_hides_as_a_number():
    found = worked_out(
        "a + 0 * b", a=reading([1, 2, np.nan], (0, 1, 3)), b=reading([1, np.nan, 1], (0, 2, 0))
    )
    assert found.quality.tolist() == [Quality.GOOD, Quality.BAD, Quality.MISSING]
    assert found.value[0] == 1.0
    assert np.isnan(found.value[1:]).all()


UNDEFINED = ["a / b", "a / (b - b)", "0 / b * a", "a * 1e308 * 1e308", "1 / (1 / b)", "min(a, 1 / b)"]


@pytest.mark.parametrize("text", UNDEFINED)
def test_a_value_that_does_not_exist_is_bad(text):
    found = worked_out(text, a=reading([1, 0, -1]), b=reading([0, 0, 0]))
    assert set(found.quality.tolist()) <= {Quality.BAD, Quality.GOOD}
    assert (np.isnan(found.value) == (found.quality == Quality.BAD)).all()
    assert (found.quality == Quality.BAD).any()
    assert "has no value in" in found.note


def test_its_time_count_and_window_are_those_of_the_weakest_input():
    old = reading([1, 1, 1], start=NOON - 2 * HOUR, end=NOON - 600, at=NOON - 900, samples=40.0, alive=True)
    new = reading([1, 1, 1], samples=np.nan, alive=True, note="slow")
    found = worked_out("a + b", a=old, b=new)
    assert (found.window_start, found.window_end) == (NOON - HOUR, NOON - 600)
    assert found.sampled_at.tolist() == [NOON - 900] * 3
    assert found.samples.tolist() == [40.0] * 3
    assert (found.alive, found.note) == (True, "b: slow")
    assert worked_out("a + b", a=old, b=reading([1, 1, 1], alive=False)).alive is False
    assert worked_out("a", a=reading([1, 1, 1])).alive is None


def test_an_input_without_a_reading_leaves_none():
    with pytest.raises(SensorError, match=r"'a / b' needs b, which gave no reading"):
        worked_out("a / b", a=reading([1, 1, 1]))
    with pytest.raises(SensorError, match="worked out of other sensors"):
        FormulaSensor(Sensor(kind="formula"), Settings(value="a"), CELLS).read(TICK)


def test_names_its_inputs_once_each_in_order():
    assert Formula.parse("b * (a + b) / max(c, a, 1)").names == ("b", "a", "c")


REFUSED = """
1 + 2 | a ** 2 | a // b | a % b | a if b else c | a.b | a[0] | f(a) | min(a) | min(a, key=b) | 'a' * 2 | lambda: a | [a]
a; b | a = b | a < b | a and b | not a | ~a | a + True | a + 1j | a + None | a + | a + 1e999 | a @ b | f'{a}' | a := 1
__import__('os').system('x') | max(*a, b)
"""
LONG = ["a * 9" + "9" * 400, "a + " * 5000 + "a", "-" * 60 + "a", "a\nb", ""]


@pytest.mark.parametrize("text", [*re.split(r" \| |\n", REFUSED.strip()), *LONG])
def test_anything_else_is_refused(text):
    with pytest.raises(QuantityError):
        Settings(value=text)


DONE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
LEAVES = st.sampled_from(["a", "b", "1.5", "2", "(-a)"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
)


@given(TREES, st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6))
def test_agrees_with_python_where_python_has_a_value(text, numbers):
    if not {"a", "b"} & set(text):
        text = f"{text} + a"
    one, two = np.array(numbers[:3]), np.array(numbers[3:])
    found = Formula.parse(text).of({"a": one, "b": two})
    for i, value in enumerate(np.broadcast_to(found, 3)):
        try:
            expected = plainly(text, {"a": numbers[i], "b": numbers[3 + i]})
        except ArithmeticError:
            assert np.isnan(value)
            continue
        assert value == expected


def plainly(text, values):
    """What Python makes of it; an ArithmeticError where any part has no finite value."""

    def of(node):
        match node:
            case ast.BinOp(left, op, right):
                result = DONE[type(op)](of(left), of(right))
                if not np.isfinite(result):
                    raise OverflowError
                return result
            case ast.UnaryOp(_, operand):
                return -of(operand)
            case ast.Name(name):
                return values[name]
            case ast.Constant(number):
                return float(number)

    return of(ast.parse(text, mode="eval").body)
