"""One turn of a living campaign: operators' commands first, then the loop, then everybody who watches.

Called by the runner on one worker thread; calls the loop, the store and the watchers. Watchers (alarms, metrics, page,
heartbeat) are told after the record is on disk, and none of them can stop the loop.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from controller.errors import StoreError
from controller.gates import Acceptance, LiveGate
from controller.life import keep, kept_extra
from controller.loop import Loop
from controller.loop.turn import Turn
from controller.ports import OperatorCommand, Record
from controller.signals import Tick

log = logging.getLogger("setpoint.daemon")

Watcher = Callable[[Turn], None]
"""Told of every turn, after its record is on disk."""
Handler = Callable[[OperatorCommand, float], str]
"""Takes one command at a time (UTC seconds) and says what was done."""


class Service:
    """The loop of one campaign with those who command it and those who watch it.

    Parameters
    ----------
    handlers: verb -> who takes it, for verbs that do not concern outputs (ack, shelve, reload).
    extra: small JSON to be kept with each snapshot (alarms, say).
    """

    def __init__(
        self,
        loop: Loop,
        watchers: Sequence[Watcher] = (),
        handlers: Mapping[str, Handler] | None = None,
        extra: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self.loop, self.watchers = loop, list(watchers)
        self.handlers = dict(handlers or {})
        self.extra = extra
        self.obeyed = -1
        """Number of the last command taken; kept with the state, so that a command survives a kill in between."""
        self.last: Turn | None = None

    def resume(self) -> None:
        """Go on where an earlier life stopped taking commands; an acceptance of auto stays in force."""
        store, gate = self.loop.parts.store, self.loop.parts.gate
        self.obeyed = int(kept_extra(store).get("obeyed", -1))
        for record in store.records(kinds=("command",)):
            if record.data["verb"] == "accept" and isinstance(gate, LiveGate) and "accepted" in record.data:
                gate.accept(Acceptance(**record.data["accepted"]))

    def pending(self) -> bool:
        """True when an operator waits for an answer."""
        return bool(self.loop.parts.store.pending(self.obeyed))

    def turn(self, tick: Tick) -> Turn:
        """Take commands, turn the loop once, keep the state, tell the watchers; raises StoreError only."""
        self.obey(tick.time, tick.index)
        turn = self.loop.tick(tick)
        keep(self.loop, turn.number, {**self.extra(), "obeyed": self.obeyed})
        self.last = turn
        for watcher in self.watchers:
            self._tell(watcher, turn)
        return turn

    def obey(self, now: float, index: int) -> None:
        """Take the operators' commands that came in since, oldest first, each with a row that says what was done."""
        store = self.loop.parts.store
        for command in store.pending(self.obeyed):
            done = self._take(command, now)
            gate = self.loop.parts.gate
            accepted = gate.acceptance if command.verb == "accept" and isinstance(gate, LiveGate) else None
            about = {
                "command": command.number,
                "verb": command.verb,
                "owner": command.owner,
                "reason": command.reason,
            }
            data = {**about, "data": dict(command.data), "expires_at": command.expires_at, "done": done}
            data |= {"accepted": asdict(accepted)} if accepted else {}
            store.append(Record("command", index, now, {}, data))
            self.obeyed = command.number
            log.info(done, extra={"verb": command.verb, "owner": command.owner})

    def _take(self, command: OperatorCommand, now: float) -> str:
        if command.verb == "accept":
            return self._accept(command, now)
        if command.verb in self.handlers:
            return self.handlers[command.verb](command, now)
        return self.loop.obey(command, now)

    def _accept(self, command: OperatorCommand, now: float) -> str:
        gate, digest = self.loop.parts.gate, self.loop.parts.digest
        if not isinstance(gate, LiveGate) or command.expires_at is None or not command.reason:
            return "refused: an acceptance needs a reason and an expiry, and a gate that takes it"
        gate.accept(Acceptance(command.owner, command.reason, digest, command.expires_at))
        return f"auto accepted without a certificate by {command.owner}: {command.reason}"

    def _tell(self, watcher: Watcher, turn: Turn) -> None:
        try:
            watcher(turn)
        except StoreError:
            raise
        except Exception:
            log.exception("a watcher failed; the loop goes on", extra={"watcher": repr(watcher)})
