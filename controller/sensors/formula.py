"""formula: a KPI worked out of other sensors, such as active_rate * activation_rate * share_rate.

`value` is an expression of sensors' names, numbers, + - * / and parentheses, min(...) and max(...), and of nothing
else. It is worked out cell by cell from the readings of this tick, so `min_count` and `stale_after` hold for it as
for any sensor: its count of samples is that of the scarcest input, its time that of the oldest, its window the one
that all inputs have in common. Its quality is that of the worst input; a division by zero or a result that is no
number is bad data. A counter enters as it stands.

A ratio of few events (cost per sale, redemption rate) is mostly luck. With `posterior:` the value of a plain `a / b`
is what is to be believed of it: a Gamma or Beta posterior's mean, which leans on `prior` while events are few, and says
how wide it is: `posterior: {of: per_event, prior: 12 CNY, weight: 10, certain_from: 3}` for `value: spend / sales`.
Fewer than `certain_from` events are uncertain. The guardrail `certainty` makes steps as small as that width asks for.
Called by the loop after the sensors it names; asks nothing of the world.

```yaml
sensors:
  efficiency:
    kind: formula
    value: active_rate * activation_rate * share_rate
    unit: share
    min_count: 500
```
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from controller.cells import Array, Bools, Cells
from controller.errors import SensorError
from controller.plan import Sensor
from controller.quantities import QuantityError
from controller.sensors._posterior import Posterior, parts_of, worked_out
from controller.signals import Quality, Reading, Tick

_ALLOWED = "names of sensors, numbers, + - * / ( ), min(a, b), max(a, b)"
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
}
_SIGNS: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_CALLS: Mapping[str, Callable[[Any, Any], Any]] = {"min": np.minimum, "max": np.maximum}
_LONGEST = 2_000
_DEEPEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: formula`."""

    value: str
    """The expression."""
    posterior: Posterior | None = None
    """What is believed of a ratio beforehand: `of`, `prior`, `weight`, `certain_from`; None: the plain value."""

    def __post_init__(self) -> None:
        formula = Formula.parse(self.value)
        if self.posterior is not None:
            parts_of(self.value, formula.tree)


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked expression.

    >>> Formula.parse("sold / max(visits, 1)").of({"sold": np.array([6.0]), "visits": np.array([3.0])})
    array([2.])
    >>> Formula.parse("__import__('os')")
    Traceback (most recent call last):
    ...
    controller.quantities.units.QuantityError: not a formula, received "__import__('os')", allowed: ...
    """

    text: str
    tree: ast.expr
    names: tuple[str, ...]
    """The sensors it names, each once, in order."""

    @classmethod
    def parse(cls, text: str) -> "Formula":
        """Read an expression; raises QuantityError for anything but the few forms that are allowed."""
        try:
            if len(text) > _LONGEST:
                raise ValueError
            tree = ast.parse(text.strip(), mode="eval").body
            names = tuple(dict.fromkeys(_names(tree, 0)))
        except (SyntaxError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
            raise QuantityError("not a formula", text[:80], _ALLOWED) from None
        if not names:
            raise QuantityError("a formula of no sensor", text[:80], _ALLOWED)
        return cls(text, tree, names)

    def of(self, values: Mapping[str, Array]) -> Array:
        """Its value, shape (cells,); infinite or NaN where it has none."""
        with np.errstate(all="ignore"):
            return np.asarray(_worked_out(self.tree, values), np.float64)


class FormulaSensor:
    """A sensor made of others.

    Parameters
    ----------
    declared: unit and least count.
    settings: the expression.
    cells: shape of its value.
    """

    def __init__(self, declared: Sensor, settings: Settings, cells: Cells) -> None:
        self.declared, self.cells = declared, cells
        self.formula, self.posterior = Formula.parse(settings.value), settings.posterior
        if self.posterior is not None:
            self.posterior.prior.level_in(declared.unit, bare=True)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the sensors it is made of."""
        return self.formula.names

    def read(self, tick: Tick) -> Reading:
        raise SensorError(f"{self.formula.text!r} is worked out of other sensors' readings at tick {tick.index}, "
                          "received none")  # fmt: skip

    def read_from(self, tick: Tick, readings: Mapping[str, Reading]) -> Reading:
        """The value out of this tick's readings; raises SensorError where one of them is not there."""
        lacking = [name for name in self.inputs if name not in readings]
        if lacking:
            raise SensorError(f"{self.formula.text!r} needs {', '.join(lacking)}, which gave no reading")
        parts = [readings[name] for name in self.inputs]
        value, spread, few = self._value(readings)
        quality = np.max([part.quality for part in parts], axis=0).astype(np.int8)
        quality = np.where(few & (quality == Quality.GOOD), np.int8(Quality.UNCERTAIN), quality)
        usable = quality <= Quality.UNCERTAIN
        sound = usable & np.isfinite(value)
        quality = np.where(usable & ~sound, np.int8(Quality.BAD), quality)
        start, end = max(part.window_start for part in parts), min(part.window_end for part in parts)
        return Reading(
            sensor=self.declared.kind,
            unit=self.declared.unit,
            value=np.where(sound, value, np.nan),
            window_start=min(start, end),
            window_end=min(end, tick.time),
            sampled_at=np.min([_stamps(part) for part in parts], axis=0),
            samples=reduce(np.fmin, [part.samples for part in parts]).astype(np.float64),
            quality=quality,
            alive=_alive([part.alive for part in parts]),
            note=self._note(parts, usable & ~sound),
            spread=spread,
        )

    def _value(self, readings: Mapping[str, Reading]) -> tuple[Array, Array | None, Bools]:
        """The value, its standard deviation where it knows one, and where it rests on too few events."""
        nowhere = np.zeros(len(self.cells), np.bool_)
        if self.posterior is None:
            plain = self.formula.of({name: readings[name].value for name in self.inputs})
            return np.broadcast_to(plain, len(self.cells)), None, nowhere
        above, below = (readings[name] for name in parts_of(self.formula.text, self.formula.tree))
        mean, spread, events = worked_out(self.posterior, above, below, self.declared.unit)
        return mean, spread, events < self.posterior.certain_from

    def _note(self, parts: list[Reading], undefined: Any) -> str:
        said = [f"{name}: {part.note}" for name, part in zip(self.inputs, parts, strict=True) if part.note]
        if undefined.any():
            label = self.cells.label_of[int(np.argmax(undefined))]
            said.append(f"{self.formula.text!r} has no value in {label!r} (a division by zero?)")
        return "; ".join(said)


def _stamps(part: Reading) -> Array:
    return np.where(np.isfinite(part.sampled_at), part.sampled_at, part.window_end)


def _alive(said: list[bool | None]) -> bool | None:
    """False where one feed is dead; None where nobody says."""
    known = [each for each in said if each is not None]
    return all(known) if known else None


def _names(node: ast.expr, depth: int) -> Iterator[str]:
    """The names in a tree of allowed forms; raises ValueError for any other form."""
    inner: list[ast.expr] = []
    match node:
        case ast.Name():
            yield node.id
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and np.isfinite(
            value
        ):
            pass
        case ast.BinOp(op=op) if type(op) in _BINARY:
            inner = [node.left, node.right]
        case ast.UnaryOp(op=sign) if type(sign) in _SIGNS:
            inner = [node.operand]
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _CALLS and len(node.args) > 1:
            inner = node.args
        case _:
            raise ValueError
    if depth > _DEEPEST:
        raise ValueError
    for part in inner:
        yield from _names(part, depth + 1)


def _worked_out(node: ast.expr, values: Mapping[str, Array]) -> Any:
    match node:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.BinOp():
            found = _BINARY[type(node.op)](_worked_out(node.left, values), _worked_out(node.right, values))
            return np.where(
                np.isfinite(found), found, np.nan
            )  # else 1 / (a / 0) would be a good-looking zero
        case ast.UnaryOp():
            return _SIGNS[type(node.op)](_worked_out(node.operand, values))
        case ast.Call(func=ast.Name(id=name)):
            return reduce(_CALLS[name], [_worked_out(part, values) for part in node.args])
    raise ValueError(f"an unchecked form: {ast.dump(node)[:80]}")
