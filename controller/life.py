"""Birth, death and rebirth of a loop: snapshot, restart, the rows that frame a life in the journal.

Called by the daemon and the simulator around the loop. A restart takes the last snapshot, adopts orders that were
announced and never confirmed, reads every actuator back, and goes on; where a target can't be read, the facts assume
the costlier value. The `start` row holds the state that a replay begins with.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from controller.fingerprint import fingerprint
from controller.loop import Loop, recording
from controller.ports import Record, Store
from controller.signals import Landing


def begin(loop: Loop, now: float, about: Mapping[str, Any]) -> str:
    """Start a life: resume what the store holds and write the `start` row; returns what was found, in words."""
    store, parts = loop.parts.store, loop.parts
    kept = store.snapshot()
    found = "nothing to resume: a new journal"
    if kept is not None:
        number, arrays, saved = kept
        known = recording.fits(parts, saved)
        loop.restore(arrays, saved)
        adopted = _adopt(loop, store, number)
        found = f"resumed after record {number}" if known else _strange(saved, number)
        found += f", with {adopted} order(s) of unknown landing" if adopted else ""
    for dispatcher in parts.dispatchers.values():
        dispatcher.look(now)
    _assume_the_costlier(loop)
    for name, dispatcher in parts.dispatchers.items():
        parts.facts.assume(name, np.where(dispatcher.known, dispatcher.applied, np.nan))
    arrays, saved = loop.state()
    life = {"resumed": found, "term": parts.epochs.term, "saved": saved, "seed": parts.draws.seed}
    life["fingerprint"] = fingerprint()
    data = {"digest": parts.digest, **parts.about, **life, **about}
    store.append(Record("start", 0, now, {f"state.{k}": v for k, v in arrays.items()}, data))
    return found


def _strange(saved: Mapping[str, Any], number: int) -> str:
    """What is said of a state that can't be taken back."""
    whose = f"{saved['campaign']}, {len(saved['cells'])} cell(s), layout {saved.get('layout', 'none')}"
    return f"the state in record {number} is not this campaign's or version's ({whose}): starting from what is in force"


def keep(loop: Loop, number: int, extra: Mapping[str, Any] | None = None) -> None:
    """Save the state as it is after record `number`, with small JSON of the caller's own."""
    arrays, saved = loop.state()
    loop.parts.store.save_snapshot(number, arrays, {**saved, "extra": dict(extra or {})})


def kept_extra(store: Store) -> Mapping[str, Any]:
    """What the caller of `keep` added to the last snapshot; empty for a new journal."""
    kept = store.snapshot()
    extra: Mapping[str, Any] = {} if kept is None else kept[2].get("extra", {})
    return extra


def end(loop: Loop, index: int, now: float, why: str) -> None:
    """Write the last row of a life."""
    loop.parts.store.append(Record("stop", index, now, {}, {"why": why}))


def _adopt(loop: Loop, store: Store, after: int) -> int:
    """Orders announced after the snapshot, which no finished tick followed."""
    adopted = 0
    for record in store.records(after + 1, ("intent",)):
        for dispatcher in loop.parts.dispatchers.values():
            dispatcher.adopt_intent(record)
        adopted += len(record.data["orders"])
    return adopted


def _assume_the_costlier(loop: Loop) -> None:
    """What can't be read back is taken to be whatever costs more of what was and what was ordered."""
    for name, dispatcher in loop.parts.dispatchers.items():
        unsure = ~dispatcher.known & (dispatcher.landing != Landing.CONFIRMED)
        if unsure.any() and dispatcher.standing is not None:
            costlier = np.maximum(dispatcher.applied, dispatcher.standing.value)
            dispatcher.applied = np.where(unsure, costlier, dispatcher.applied)
            loop.parts.facts.assume(name, dispatcher.applied)
