"""Every sensor on disk keeps the family's contract, and the checks catch sensors that break it."""

import numpy as np
import pytest

from controller.checks.sensors import SENSOR_CHECKS, Spoilt
from controller.errors import SensorError
from controller.registry import kinds
from controller.signals import Quality, Reading, codes
from tests.sensors.worlds import NOON, SECRET, World, worlds


@pytest.fixture
def world(request, tmp_path):
    made = worlds(tmp_path)[request.param]()
    yield made
    made.close()


def test_every_kind_on_disk_has_a_world_to_be_checked_in(tmp_path):
    assert set(worlds(tmp_path)) == set(kinds("sensor"))


@pytest.mark.parametrize("check", SENSOR_CHECKS)
@pytest.mark.parametrize("world", kinds("sensor"), indirect=True)
def test_contract(world, check):
    SENSOR_CHECKS[check](world)


class Planted(World):
    """A sensor in memory with one bug."""

    secret = SECRET

    def __init__(self, bug: str = "") -> None:
        super().__init__()
        self.bug, self.kept = bug, None

    def read(self) -> Reading:
        if not self.up:
            return self.gone()
        size = len(self.cells)
        value, quality = np.full(size, np.nan), codes(size, Quality.MISSING)
        for i, cell in enumerate(self.cells.label_of):
            said = self.said.get(cell)
            if isinstance(said, float):
                value[i], quality[i] = self.number(said), Quality.GOOD
            elif said is not None:
                value[i], quality[i] = self.spoilt(said), Quality.BAD
        return self.reading(value, quality)

    def number(self, said: float) -> float:
        if self.bug == "clamps":
            return max(said, 0.0)
        return np.float32(said) if self.bug == "rounds" else said

    def spoilt(self, said: Spoilt) -> float:
        if self.bug == "true is one" and said is Spoilt.TRUE:
            return 1.0
        return 0.0 if self.bug == "bad is zero" else np.nan

    def reading(self, value, quality) -> Reading:
        if self.bug == "missing is zero":
            value = np.where(quality == Quality.MISSING, 0.0, value)
        if self.bug == "bad is good":
            quality = np.where(quality == Quality.BAD, np.int8(Quality.GOOD), quality)
        if self.bug == "bad is missing":
            quality = np.where(quality == Quality.BAD, np.int8(Quality.MISSING), quality)
        if self.bug == "int64 codes":
            quality = quality.astype(np.int64)
        size = 1 if self.bug == "scalar stamps" else len(self.cells)
        end = self.tick.time + 60 if self.bug == "window of the future" else NOON
        stamps, samples = np.full(size, NOON), np.full(len(self.cells), np.nan)
        if self.bug == "one array for ever":
            value = self.kept = value if self.kept is None or not np.isfinite(self.kept).any() else self.kept
        note = SECRET if self.bug == "secret in the note" else ""
        self.last = Reading("planted", "count", value, NOON - 3600, end, stamps, samples, quality, None, note)
        return self.last

    def gone(self) -> Reading:
        if self.bug == "last value lives on":
            return self.last
        if self.bug == "another exception":
            raise ConnectionError("gone")
        raise SensorError(
            SECRET if self.bug == "secret in the error" else "" if self.bug == "speechless" else "gone"
        )


def broken(bug: str) -> list[str]:
    found = []
    for name, check in SENSOR_CHECKS.items():
        try:
            check(Planted(bug))
        except (AssertionError, ConnectionError):
            found.append(name)
    return found


def test_a_sound_sensor_passes():
    assert broken("") == []


@pytest.mark.parametrize(
    ("bug", "check"),
    [
        ("clamps", "numbers"),
        ("rounds", "numbers"),
        ("true is one", "spoilt"),
        ("bad is zero", "finite_where_usable"),
        ("missing is zero", "missing"),
        ("bad is good", "finite_where_usable"),
        ("bad is missing", "spoilt"),
        ("int64 codes", "shapes"),
        ("scalar stamps", "shapes"),
        ("window of the future", "shapes"),
        ("one array for ever", "no_memory"),
        ("secret in the note", "no_secrets"),
        ("secret in the error", "no_secrets"),
        ("last value lives on", "dead"),
        ("another exception", "dead"),
        ("speechless", "dead"),
    ],
)
def test_a_planted_bug_is_caught(bug, check):
    assert check in broken(bug)


def test_a_world_that_can_say_nothing_but_numbers_is_no_world():
    class Mute(Planted):
        def say(self, values):
            return not any(isinstance(v, Spoilt) for v in values.values()) and super().say(values)

    with pytest.raises(AssertionError, match="nothing was checked"):
        SENSOR_CHECKS["spoilt"](Mute())
