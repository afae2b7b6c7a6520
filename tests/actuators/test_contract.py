"""Every actuator on disk keeps the family's contract, and the checks catch actuators that break it."""

import numpy as np
import pytest

from controller.actuators._orders import require_sound
from controller.checks.actuators import ACTUATOR_CHECKS
from controller.errors import Refused, Unreachable
from controller.registry import kinds
from controller.signals import Landing, Receipt, codes
from tests.actuators.worlds import KEY, World, worlds


@pytest.fixture
def world(request, tmp_path):
    made = worlds(tmp_path)[request.param]()
    yield made
    made.close()


def test_every_kind_on_disk_has_a_world_to_be_checked_in(tmp_path):
    assert set(worlds(tmp_path)) == set(kinds("actuator"))


@pytest.mark.parametrize("check", ACTUATOR_CHECKS)
@pytest.mark.parametrize("world", kinds("actuator"), indirect=True)
def test_contract(world, check):
    ACTUATOR_CHECKS[check](world)


class Planted(World):
    """A target in memory and an actuator with one bug."""

    secret = KEY

    def __init__(self, bug: str = "") -> None:
        super().__init__()
        self.bug, self.order, self.changes, self.reachable, self.answers = bug, None, 0, True, True

    def actuator(self):
        return PlantedActuator(self)

    def in_force(self):
        return np.full(len(self.cells), np.nan) if self.order is None else self.order.value

    def applications(self) -> int:
        return self.changes

    def cut_off(self) -> bool:
        self.reachable = False
        return True

    def lose_answers(self) -> bool:
        self.answers = False
        return True

    def restore(self) -> None:
        self.reachable = self.answers = True


class PlantedActuator:
    def __init__(self, world: Planted) -> None:
        self.world, self.newest = world, None

    def apply(self, command) -> Receipt:
        world, bug = self.world, self.world.bug
        if bug != "no check of numbers":
            require_sound(command, world.cells)
        if not world.reachable and bug == "swallows errors":
            return self.read_back()
        if not world.reachable:
            raise Unreachable(KEY if bug == "secret in the error" else "gone")
        self.put(command)
        if not world.answers and bug != "believes in silence":
            raise Unreachable("no answer")
        return self.read_back()

    def put(self, command) -> None:
        world, bug = self.world, self.world.bug
        held = self.newest if bug == "forgets at restart" else world.order
        if held is not None and command.id == held.id and bug != "same id, new content":
            if bug == "applies twice":
                world.changes += 1
            if (command.value != held.value).any():
                raise Refused("another content")
            return
        known = bug == "same id, new content" and held is not None and command.id == held.id
        if held is not None and command.epoch <= held.epoch and bug != "older wins" and not known:
            raise Refused("superseded")
        self.newest = world.order = command
        world.changes += 1

    def read_back(self) -> Receipt:
        if not self.world.reachable and self.world.bug not in ("swallows errors", "reads from memory"):
            raise Unreachable("gone")
        size = 1 if self.world.bug == "scalar receipt" else len(self.world.cells)
        value = self.world.in_force() + (0.001 if self.world.bug == "reads something else" else 0.0)
        return Receipt("output", value, codes(size, Landing.CONFIRMED))


def broken(bug: str) -> list[str]:
    found = []
    for name, check in ACTUATOR_CHECKS.items():
        try:
            check(Planted(bug))
        except (AssertionError, ValueError):
            found.append(name)
    return found


def test_a_sound_actuator_passes():
    assert broken("") == []


@pytest.mark.parametrize(
    ("bug", "check"),
    [
        ("applies twice", "idempotent"),
        ("same id, new content", "one_id_one_content"),
        ("older wins", "older_never_wins"),
        ("forgets at restart", "older_after_restart"),
        ("no check of numbers", "numbers_only"),
        ("swallows errors", "unreachable"),
        ("reads from memory", "unreachable"),
        ("believes in silence", "lost_answer"),
        ("scalar receipt", "applied"),
        ("reads something else", "applied"),
        ("secret in the error", "no_secrets"),
    ],
)
def test_a_planted_bug_is_caught(bug, check):
    assert check in broken(bug)
