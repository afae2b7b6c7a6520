"""The contract of an actuator, as checks that anybody's actuator can be put through.

    for name, check in ACTUATOR_CHECKS.items():
        check(world())

Called by tests; calls one actuator through the world that its author describes (`ActuatorWorld`): a target that
can be looked at from behind and cut off. Each check raises AssertionError with what was promised and what was
found.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations
from typing import Protocol

import numpy as np

from controller.cells import Array, Cells
from controller.errors import ActuatorError, Refused, Unreachable
from controller.ports import Actuator
from controller.signals import Command, Epoch, Landing, Receipt


class ActuatorWorld(Protocol):
    """A target and the actuator that turns it.

    `actuator` builds a new one each time, as a restart would. `now` is the world's time, UTC seconds. `secret` is
    the value of a secret that the actuator was given, or None. `remembers` is False where the target keeps no
    epoch of its own.
    """

    cells: Cells
    now: float
    secret: str | None
    remembers: bool

    def actuator(self) -> Actuator: ...

    def in_force(self) -> Array:
        """What the target really has in force, seen from behind; NaN before the first order."""
        ...

    def applications(self) -> int:
        """How many times the target changed anything."""
        ...

    def cut_off(self) -> bool:
        """Make the target unreachable until `restore`; False: it can't be."""
        ...

    def lose_answers(self) -> bool:
        """Let orders through and lose the answers, until `restore`; False: that can't happen."""
        ...

    def restore(self) -> None: ...


def order(
    world: ActuatorWorld, sequence: int, value: float, *, term: int = 1, lease: float | None = 3600.0
) -> Command:
    """An order that differs from cell to cell, named by its epoch."""
    steps = np.arange(len(world.cells)) / 1024.0
    values, safe = value + steps, np.full(len(world.cells), 0.03125)
    suspend = np.zeros(len(world.cells), np.bool_)
    name = f"campaign.output.{term}.{sequence}"
    return Command(name, "output", values, Epoch(term, sequence), world.now, lease, safe, suspend)


def check_applied(world: ActuatorWorld) -> None:
    """What was ordered is in force, is read back so, and receipts have one landing a cell."""
    actuator, wanted = world.actuator(), order(world, 1, 0.0625)
    _receipt(world, actuator.apply(wanted))
    assert np.allclose(world.in_force(), wanted.value, rtol=1e-9), (
        f"ordered {wanted.value}, got {world.in_force()}"
    )
    back = _receipt(world, actuator.read_back())
    known = np.isfinite(back.value)
    assert np.allclose(back.value[known], wanted.value[known], rtol=1e-9), f"read back {back.value}"
    assert (back.landing[~known] == Landing.UNCONFIRMED).all(), "confirmed without knowing the value"


def check_idempotent(world: ActuatorWorld) -> None:
    """One id, sent again and by another process too, changes the target once."""
    first, wanted = world.actuator(), order(world, 1, 0.0625)
    first.apply(wanted)
    count = world.applications()
    for actuator in (first, world.actuator(), world.actuator()):
        actuator.apply(wanted)
    assert world.applications() == count, (
        f"one order changed the target {world.applications() - count} times more"
    )
    assert np.allclose(world.in_force(), wanted.value, rtol=1e-9), f"in force {world.in_force()}"


def check_one_id_one_content(world: ActuatorWorld) -> None:
    """An id that came before with another content is refused, and changes nothing."""
    actuator, wanted = world.actuator(), order(world, 1, 0.0625)
    actuator.apply(wanted)
    with _refused("one id with two contents"):
        actuator.apply(replace(wanted, value=wanted.value + 0.25))
    with _refused("one epoch under two ids"):
        actuator.apply(replace(wanted, id="another", value=wanted.value + 0.25))
    assert np.allclose(world.in_force(), wanted.value, rtol=1e-9), f"in force {world.in_force()}"


def check_older_never_wins(world: ActuatorWorld) -> None:
    """In whatever order commands arrive, the newest one stands at the end; the old ones are refused by name."""
    for round_, arrival in enumerate(permutations(((0, 2), (0, 9), (1, 1)))):
        orders = [
            order(world, step, (term + 1) / 16 + step / 64, term=10 * round_ + 10 + term)
            for term, step in arrival
        ]
        actuator, newest = world.actuator(), max(orders, key=lambda each: each.epoch)
        highest = Epoch(0, 0)
        for each in orders:
            if each.epoch < highest:
                with _refused("an older epoch"):
                    actuator.apply(each)
            else:
                actuator.apply(each)
            highest = max(highest, each.epoch)
        assert np.allclose(world.in_force(), newest.value, rtol=1e-9), (
            f"{arrival}: in force {world.in_force()}"
        )


def check_older_after_restart(world: ActuatorWorld) -> None:
    """A stalled process that wakes up can't overwrite its successor, where the target keeps the epoch."""
    if not world.remembers:
        return
    successor = order(world, 1, 0.125, term=2)
    world.actuator().apply(successor)
    with _refused("an older epoch from another process"):
        world.actuator().apply(order(world, 99, 0.25, term=1))
    assert np.allclose(world.in_force(), successor.value, rtol=1e-9), f"in force {world.in_force()}"


def check_numbers_only(world: ActuatorWorld) -> None:
    """What is not one finite number a cell is refused and changes nothing, as value and as fallback."""
    actuator, sound = world.actuator(), order(world, 1, 0.0625)
    actuator.apply(sound)
    for bad in (np.nan, np.inf, -np.inf):
        spoilt = sound.value.copy()
        spoilt[-1] = bad
        with _refused(f"value {bad}"):
            actuator.apply(replace(order(world, 2, 0.0625), value=spoilt))
        with _refused(f"fallback {bad}"):
            actuator.apply(replace(order(world, 2, 0.0625), fallback=spoilt))
    with _refused("values of another shape"):
        actuator.apply(replace(order(world, 2, 0.0625), value=np.zeros(len(world.cells) + 1)))
    assert np.allclose(world.in_force(), sound.value, rtol=1e-9), f"in force {world.in_force()}"


def check_unreachable(world: ActuatorWorld) -> None:
    """A target that can't be reached gives Unreachable, and the same order lands once it can be."""
    actuator, wanted = world.actuator(), order(world, 2, 0.25)
    actuator.apply(order(world, 1, 0.0625))
    if not world.cut_off():
        return
    with _raises(Unreachable, "an order to a target that is cut off"):
        actuator.apply(wanted)
    with _raises(Unreachable, "reading back a target that is cut off"):
        actuator.read_back()
    world.restore()
    actuator.apply(wanted)
    assert np.allclose(world.in_force(), wanted.value, rtol=1e-9), f"in force {world.in_force()}"


def check_lost_answer(world: ActuatorWorld) -> None:
    """An order whose answer was lost is open, is seen by reading back, and sent again changes nothing more."""
    actuator, wanted = world.actuator(), order(world, 1, 0.0625)
    if not world.lose_answers():
        return
    with _raises(Unreachable, "an order whose answer was lost"):
        actuator.apply(wanted)
    world.restore()
    count = world.applications()
    assert count == 1, f"one order, answers lost: the target changed {count} times"
    assert np.allclose(actuator.read_back().value, wanted.value, rtol=1e-9), "not seen by reading back"
    actuator.apply(wanted)
    assert world.applications() == count, "the same order again changed the target again"


def check_suspension(world: ActuatorWorld) -> None:
    """An order that suspends is taken as any other."""
    actuator, wanted = world.actuator(), order(world, 1, 0.0625)
    suspended = replace(wanted, suspend=np.ones(len(world.cells), np.bool_))
    _receipt(world, actuator.apply(suspended))


def check_no_secrets(world: ActuatorWorld) -> None:
    """A secret stands in no receipt and in no error."""
    if world.secret is None:
        return
    actuator, texts = world.actuator(), []
    texts.append(_outcome(lambda: actuator.apply(order(world, 5, 0.0625))))
    texts.append(_outcome(lambda: actuator.apply(order(world, 4, 0.0625))))
    world.cut_off()
    texts.append(_outcome(lambda: actuator.apply(order(world, 6, 0.0625))))
    texts.append(_outcome(actuator.read_back))
    assert not [text for text in texts if world.secret in text], "a secret shows in a receipt or an error"


ACTUATOR_CHECKS: Mapping[str, Callable[[ActuatorWorld], None]] = {
    check.__name__.removeprefix("check_"): check
    for check in (
        check_applied,
        check_idempotent,
        check_one_id_one_content,
        check_older_never_wins,
        check_older_after_restart,
        check_numbers_only,
        check_unreachable,
        check_lost_answer,
        check_suspension,
        check_no_secrets,
    )
}


def _receipt(world: ActuatorWorld, receipt: Receipt) -> Receipt:
    size = (len(world.cells),)
    assert receipt.value.shape == size, f"a receipt's value has shape {receipt.value.shape}, promised {size}"
    assert receipt.landing.shape == size, (
        f"a receipt's landing has shape {receipt.landing.shape}, promised {size}"
    )
    assert set(receipt.landing.tolist()) <= set(Landing), f"landings {receipt.landing}"
    return receipt


@contextmanager
def _raises(kind: type[ActuatorError], what: str) -> Iterator[None]:
    try:
        yield
    except kind as fault:
        if not str(fault).strip():
            raise AssertionError(f"{what}: {kind.__name__} without a word of what is wrong") from fault
        return
    except ActuatorError as fault:
        raise AssertionError(f"{what}: promised {kind.__name__}, received {fault!r}") from fault
    raise AssertionError(f"{what}: promised {kind.__name__}, and nothing was raised")


@contextmanager
def _refused(what: str) -> Iterator[None]:
    with _raises(Refused, what):
        yield


def _outcome(act: Callable[[], Receipt]) -> str:
    try:
        return repr(act())
    except ActuatorError as fault:
        return f"{fault} {fault!r} {fault.__cause__!r} {fault.__context__!r}"
