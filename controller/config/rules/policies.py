"""Policies and what they are asked: a policy that keeps a level can't maximise, and must know which way to move.

One of the rules that load.py runs over a draft.
"""

from collections.abc import Iterator

from controller.config.document import Fault, Path
from controller.config.parse import Draft

LEVEL_KEEPERS = frozenset({"pacing", "pid", "simple_pid", "updown"})
"""Kinds that hold a measured value at a level by moving one way or the other."""


def check(draft: Draft) -> Iterator[Fault]:
    """Every loop whose policy could be read."""
    for name, loop in draft.plan.loops.items():
        path: Path = ("loops", name)
        kind = loop.policy.kind
        if kind not in LEVEL_KEEPERS:
            continue
        if loop.target.maximise:
            text = f"{kind} keeps a level, it can't maximise; allowed: keep_at, keep_above, keep_below"
            yield Fault((*path, "target", "maximise"), text, at_key=True)
        if len(loop.move) > 1 and not loop.order:
            text = (
                "the order in which several actuators are used must be said, allowed: `order: [first, next]`"
            )
            yield Fault((*path, "move"), text, at_key=True)
        for channel, effect in loop.move.items():
            if effect == "either":
                text = f"{kind} must know which way to move, received 'either', allowed: raises or lowers"
                yield Fault((*path, "move", channel), text)
