"""What is not as it should be in a turn, as conditions for the alarm book.

Called by the loop at the end of each turn; pure. A condition is said anew each turn for as long as it holds; delay,
repetition, acknowledgement and shelving are the alarm book's.
"""

from collections.abc import Iterator, Mapping

from controller.loop.dispatch import Dispatcher
from controller.loop.turn import Condition, Output, Turn
from controller.signals import Landing, Latch, Signal, Verdict

_WORDS = {
    "unreachable": "did not answer",
    "missing": "has no value",
    "feed_dead": "its feed is down",
    "bad_quality": "calls its own value bad",
    "uncertain": "calls its own value uncertain",
    "not_finite": "gave something that is not a finite number",
    "from_the_future": "is stamped in the future",
    "out_of_order": "is older than the one before",
    "implausible": "lies outside the plausible range",
    "jump": "jumped beyond belief (another unit?)",
    "counter_reset": "its counter started anew",
    "warming_up": "has not been seen for a whole window yet",
    "too_few": "rests on too few samples",
    "stale": "is too old",
}


def of(turn: Turn, dispatchers: Mapping[str, Dispatcher]) -> tuple[Condition, ...]:
    """All conditions of a turn, in a fixed order."""
    found = [c for name, signal in turn.signals.items() for c in _of_sensor(name, signal, turn)]
    found += [c for name, output in turn.outputs.items() for c in _of_output(name, output, dispatchers[name])]
    found += [Condition("limit_dropped", "limits", text) for text in turn.limits.dropped]
    for name, where in turn.limits.suspend.items():
        if where.any():
            text = f"no value of {name} is both lawful and safe: nothing is offered until that changes"
            found.append(Condition("suspended", name, text))
    if turn.gate and not turn.permitted:
        found.append(Condition("gate_closed", "auto", turn.gate))
    return tuple(found)


def _of_sensor(name: str, signal: Signal, turn: Turn) -> Iterator[Condition]:
    if not signal.why and not signal.latch.any():
        return
    said = "; ".join(_WORDS.get(word, word) for word in signal.why)
    detail = turn.failures.get(name) or (turn.readings[name].note if name in turn.readings else "")
    text = f"{name}: {said}" + (f" ({detail})" if detail else "")
    if (signal.verdict == Verdict.BAD_DATA).any():
        yield Condition("sensor_bad", name, text)
    if (signal.verdict == Verdict.NO_DATA).any():
        yield Condition("sensor_silent", name, text)
    cause = text if said else f"{name} is good again, and must be for some more samples"
    if (signal.latch == Latch.HOLD).any():
        yield Condition("held", name, f"outputs that depend on {name} are held; {cause}")
    if (signal.latch == Latch.SAFE).any():
        yield Condition("fallback", name, f"outputs that depend on {name} are at their safe value; {cause}")


def _of_output(name: str, output: Output, dispatcher: Dispatcher) -> Iterator[Condition]:
    note = f" ({dispatcher.note})" if dispatcher.note else ""
    if not output.known.all():
        yield Condition("unreadable", name, f"the value of {name} can't be read back{note}")
    if not output.decided.write or dispatcher.standing is None:
        return
    if (output.landing == Landing.REFUSED).any():
        yield Condition("refused", name, f"{name} refused the order{note}")
    elif (output.landing == Landing.UNCONFIRMED).any():
        yield Condition("unconfirmed", name, f"{name} has not confirmed the order{note}")
    if (output.landing == Landing.SUPERSEDED).any():
        yield Condition("superseded", name, f"{name} obeys somebody else's newer order{note}")
    if output.drifted.any():
        yield Condition("drifted", name, f"{name} was changed by somebody else; it is being set back{note}")
