"""A certificate in the life of a daemon: what a reload loses with it, and the alarm before it ends.

Called by build and reload; calls the live gate. Any other gate (a simulated market's) knows no certificates.
"""

from collections.abc import Callable, Iterable

from controller.certificates.cover import Cover
from controller.gates import LiveGate
from controller.loop.turn import Condition, Turn
from controller.ports import Gate


def lost(gate: Gate, after: Cover, now: float) -> tuple[str, ...]:
    """Why auto must drop to advise: a certificate covered the old config and none covers the new one.

    Empty where nothing is lost, or a person has accepted the new config by name. Time does not count: a certificate
    that ran out is lost all the same once the config leaves it.
    """
    if not isinstance(gate, LiveGate) or gate.cover is None or not gate.cover.covers or after.covers:
        return ()
    return () if gate.accepted(now, after.digest).granted else (after.refusal,)


def ending(gate: LiveGate) -> Callable[[Turn], Iterable[Condition]]:
    """A source of conditions: the certificate that lets auto act ends soon."""

    def said(turn: Turn) -> Iterable[Condition]:
        text = gate.cover.ending(turn.tick.time) if gate.cover is not None and turn.permitted else ""
        return (Condition("certificate_ends", "auto", text),) if text else ()

    return said
