"""The contract of a sensor, as checks that anybody's sensor can be put through.

    for name, check in SENSOR_CHECKS.items():
        check(world())

Called by tests; calls one sensor through the world that its author describes (`SensorWorld`): a source whose
numbers can be set, spoilt and taken away. Each check raises AssertionError with what was promised and what was
found.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Protocol

import numpy as np

from controller.cells import Cells
from controller.errors import SensorError
from controller.signals import Quality, Reading, Tick

USABLE = (Quality.GOOD, Quality.UNCERTAIN)


class Spoilt(Enum):
    """What may stand where a number should."""

    NAN = "NaN"
    INFINITE = "Infinity"
    TOO_LARGE = "1e999"
    NULL = "null"
    TRUE = "true"
    TEXT = '"many"'
    EMPTY = '""'
    LIST = "[1]"
    UNDERSCORED = '"1_000"'


Said = float | Spoilt


class SensorWorld(Protocol):
    """A source and the sensor that reads it.

    `cells` has two cells or more, unless the kind can read one only. `secret` is the value of a secret that the
    sensor was given, or None.
    """

    cells: Cells
    tick: Tick
    secret: str | None

    def read(self) -> Reading:
        """The sensor's reading at `tick`."""
        ...

    def say(self, values: Mapping[str, Said]) -> bool:
        """Make the source say this for `tick`, by cell; a cell that is not named is not in it. False: it can't."""
        ...

    def kill(self) -> None:
        """Take the source away; `say` brings it back."""
        ...


def check_shapes(world: SensorWorld) -> None:
    """Arrays of shape (cells,), float64; qualities int8; a window that does not end after the tick."""
    reading, size = _told(world), (len(world.cells),)
    for name in ("value", "sampled_at", "samples"):
        array = getattr(reading, name)
        assert array.shape == size, f"{name} has shape {array.shape}, promised {size}"
        assert array.dtype == np.float64, f"{name} is {array.dtype}, promised float64"
    assert reading.quality.shape == size, f"quality has shape {reading.quality.shape}, promised {size}"
    assert reading.quality.dtype == np.int8, f"quality is {reading.quality.dtype}, promised int8"
    assert reading.window_start <= reading.window_end <= world.tick.time, "the window ends after the tick"


def check_numbers(world: SensorWorld) -> None:
    """A number is handed on as it is: not clamped, whatever its size or sign, and of the right cell."""
    for numbers in ((5.0, 7.0), (0.0, 0.5), (-3.0, 1e12), (1e-9, 123456.789)):
        said = {cell: numbers[i % 2] + i // 2 for i, cell in enumerate(world.cells.label_of)}
        if not world.say(said):
            continue
        reading = world.read()
        assert np.allclose(reading.value, list(said.values()), rtol=1e-12), (
            f"said {said}, read {reading.value}"
        )
        assert np.isin(reading.quality, USABLE).all(), f"said {said}, quality {reading.quality}"


def check_missing(world: SensorWorld) -> None:
    """A cell that is not in the answer is missing, never zero, and its neighbours are none the worse."""
    cells = world.cells.label_of
    if len(cells) > 1 and world.say(dict.fromkeys(cells[1:], 5.0)):
        reading = world.read()
        assert reading.quality[0] == Quality.MISSING, f"{cells[0]} was not said, quality {reading.quality[0]}"
        assert np.isnan(reading.value[0]), f"{cells[0]} was not said, value {reading.value[0]}"
        assert (reading.value[1:] == 5.0).all(), f"neighbours of a missing cell: {reading.value}"
    if world.say({}):
        empty = _read(world)
        assert empty is None or np.isnan(empty.value).all(), f"nothing was said, read {empty}"


def check_spoilt(world: SensorWorld) -> None:
    """What is no number is bad data or no reading, never a number; neighbours are none the worse."""
    cells = world.cells.label_of
    said_any = False
    for spoilt in Spoilt:
        if not world.say({**dict.fromkeys(cells, 5.0), cells[-1]: spoilt}):
            continue
        said_any, reading = True, _read(world)
        if reading is None:
            continue
        assert reading.quality[-1] == Quality.BAD, f"{spoilt.value} was said, quality {reading.quality[-1]}"
        assert np.isnan(reading.value[-1]), f"{spoilt.value} was said, read {reading.value[-1]}"
        assert (reading.value[:-1] == 5.0).all(), f"neighbours of {spoilt.value}: {reading.value}"
    assert said_any, "the world can say nothing but numbers, so nothing was checked"


def check_finite_where_usable(world: SensorWorld) -> None:
    """A value is finite exactly where its quality is good or uncertain."""
    cells = world.cells.label_of
    for spoilt in (5.0, *Spoilt):
        if world.say({cells[-1]: spoilt}) and (reading := _read(world)) is not None:
            usable = np.isin(reading.quality, USABLE)
            assert (np.isfinite(reading.value) == usable).all(), (
                f"{reading.value} with quality {reading.quality}"
            )


def check_dead(world: SensorWorld) -> None:
    """A source that is gone gives a SensorError, also right after a good value, and the next good value is read."""
    _told(world)
    world.kill()
    for _ in range(2):
        found = _read(world)
        assert found is None, f"the source is gone, read {found}"
    _told(world, 9.0)


def check_no_memory(world: SensorWorld) -> None:
    """Two reads of one moment say the same, and what is done to a reading does not reach the next one."""
    first = _told(world)
    kept = first.value.copy()
    for array in (first.value, first.sampled_at, first.samples):
        if array.flags.writeable:
            array[:] = -1.0
    second = world.read()
    assert (second.value == kept).all(), f"one moment, two readings: {kept}, then {second.value}"
    _told(world, 8.0)


def check_no_secrets(world: SensorWorld) -> None:
    """A secret stands in no reading and in no error."""
    if world.secret is None:
        return
    texts = [repr(_told(world))]
    world.say(dict.fromkeys(world.cells.label_of, Spoilt.TEXT))
    texts.append(_outcome(world))
    world.kill()
    texts.append(_outcome(world))
    assert not [text for text in texts if world.secret in text], "a secret shows in a reading or an error"


SENSOR_CHECKS: Mapping[str, Callable[[SensorWorld], None]] = {
    check.__name__.removeprefix("check_"): check
    for check in (
        check_shapes,
        check_numbers,
        check_missing,
        check_spoilt,
        check_finite_where_usable,
        check_dead,
        check_no_memory,
        check_no_secrets,
    )
}


def _told(world: SensorWorld, value: float = 5.0) -> Reading:
    """The reading after all cells said one plain number."""
    assert world.say(dict.fromkeys(world.cells.label_of, value)), "a world must be able to say plain numbers"
    reading = world.read()
    assert (reading.value == value).all(), f"all cells said {value}, read {reading.value}"
    return reading


def _read(world: SensorWorld) -> Reading | None:
    """The reading, or None where the sensor says that there is none; any other exception is a breach."""
    try:
        return world.read()
    except SensorError as fault:
        if not str(fault).strip():
            raise AssertionError("a SensorError without a word of what is wrong") from fault
        return None


def _outcome(world: SensorWorld) -> str:
    try:
        return repr(world.read())
    except SensorError as fault:
        return f"{fault} {fault!r} {fault.__cause__!r} {fault.__context__!r}"
