"""The loop: read -> validate -> observe -> limit -> propose -> decide -> act -> record, always in that order.

Called by the daemon and by the simulator with ticks; calls ports and the stages beside it (validation, execution,
limits, decide, dispatch, facts, recording), never a concrete sensor, actuator, policy or guardrail. Live and simulated
runs share this file whole: they part in ports, clock and store only, which assembly hands in. Reads no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from controller.cells import Array, Bools
from controller.errors import CommandError, SensorError
from controller.loop import cascade, conditions, recording
from controller.loop.decide import Situation, Verdicted, decide
from controller.loop.dispatch import Dispatcher, Looked, intent_record
from controller.loop.execution import Execution, Hands
from controller.loop.parts import Parts
from controller.loop.turn import Executed, Output, Turn
from controller.plan import TARGET
from controller.ports import Context, OperatorCommand, Permission
from controller.signals import Command, Latch, Limits, Mode, Reading, Signal, Tick

Bounds = tuple[Limits, Limits, Mapping[str, Array]]
"""All limits; those of law and safety; the lawful safe values."""


class Loop:
    """One campaign's loop over all its cells."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.residual = {name: parts.cells.full(0.0) for name in parts.dispatchers}
        self.said: list[str] = []

    def tick(self, tick: Tick) -> Turn:
        """One turn; everything that may go wrong outside is a condition in the turn, not an exception."""
        p = self.parts
        said = (*self.said, *p.authority.expire(tick.time))
        self.said = []
        readings, failures, looked = self._read(tick)
        signals = self._validate(tick, readings, failures)
        due = self._observe(tick, signals)
        limits, hard, safe = self._limit(tick, signals)
        permission = self._permission(tick)
        setpoints, executed, decided = self._steer(tick, due, signals, (limits, hard, safe), permission)
        outputs = self._act(tick, decided, looked, limits.suspend, safe)
        turn = Turn(
            tick, readings, failures, signals, setpoints, limits, executed, outputs, p.authority.requested,
            permission.why, permission.granted, p.facts.values(), said,
        )  # fmt: skip
        return self._record(replace(turn, conditions=conditions.of(turn, p.dispatchers)))

    def obey(self, command: OperatorCommand, now: float) -> str:
        """Take an operator's command; in force from the next turn on, which the caller starts at once."""
        try:
            done = self.parts.authority.obey(command, now)
        except CommandError as fault:
            done = f"refused: {fault}"
        self.parts.authority.pin({name: d.intended for name, d in self.parts.dispatchers.items()})
        if self.parts.authority.released:
            for validator in self.parts.validators.values():
                validator.release()
        self.said.append(done)
        return done

    # -- the stages -------------------------------------------------------------------------------------------------

    def _read(self, tick: Tick) -> tuple[dict[str, Reading], dict[str, str], dict[str, Looked]]:
        """Readings, what sensors said that failed, and the values in force."""
        readings: dict[str, Reading] = {}
        failures: dict[str, str] = {}
        for name, sensor in self.parts.sensors.items():
            try:
                derive = getattr(sensor, "read_from", None)
                readings[name] = derive(tick, readings) if derive else sensor.read(tick)
            except SensorError as fault:
                failures[name] = str(fault)
        return readings, failures, {name: d.look(tick.time) for name, d in self.parts.dispatchers.items()}

    def _validate(
        self, tick: Tick, readings: Mapping[str, Reading], failures: Mapping[str, str]
    ) -> dict[str, Signal]:
        return {
            name: validator.take(readings.get(name), tick.time, "unreachable" if name in failures else "")
            for name, validator in self.parts.validators.items()
        }

    def _observe(self, tick: Tick, signals: Mapping[str, Signal]) -> list[Execution]:
        """Tell every policy that is about to move what became of its last move; returns those that are."""
        p = self.parts
        for name, selection in p.selections.items():
            selection.check(p.dispatchers[name].applied, p.dispatchers[name].tolerance)
        if not p.span.starts_at <= tick.time < p.span.ends_at:
            return []
        due = [e for e in p.executions.values() if e.due(tick, signals[e.declared.measure])]
        for execution in due:
            execution.settle(self._in_force(), self._tracking(execution))
        return due

    def _limit(self, tick: Tick, signals: Mapping[str, Signal]) -> tuple[Limits, Limits, dict[str, Array]]:
        p, in_force = self.parts, self._in_force()
        facts = {**p.facts.values(), **{f"applied.{name}": value for name, value in in_force.items()}}
        limits, hard, safe = p.guards.limit(Context(tick, signals, facts))
        near = {name: dispatcher.tolerance for name, dispatcher in p.dispatchers.items()}
        return cascade.narrowed(limits, p.links, in_force, near), hard, safe

    def _steer(
        self, tick: Tick, due: Sequence[Execution], signals: Mapping[str, Signal], bounds: Bounds,
        permission: Permission,
    ) -> tuple[dict[str, Array], dict[str, Executed], dict[str, Verdicted]]:  # fmt: skip
        """Setpoints, proposals and decisions, outer loops first: a target that one of them moves is kept at once."""
        p, hands = self.parts, self._hands(signals, bounds[0])
        setpoints, executed, decided = dict[str, Array](), dict[str, Executed](), dict[str, Verdicted]()
        for name, execution in p.executions.items():
            signal, led = signals[execution.declared.measure], f"{name}{TARGET}"
            if led in p.dispatchers:
                decided[led] = self._decide(led, tick, signals, executed, bounds, permission, hands)
            level = decided[led].value if led in decided else p.setpoints[name].level
            setpoints[name] = self._setpoint(name, level, tick, signals, hands)
            if execution in due:
                seen = execution.observation(signal, setpoints[name], self._in_force())
                proposal, wish = execution.execute(tick, seen, bounds[0], p.draws, signal.good_at, hands)
                executed[name] = Executed(seen, proposal, wish)
        for name in (n for n in p.dispatchers if n not in decided):
            decided[name] = self._decide(name, tick, signals, executed, bounds, permission, hands)
        return setpoints, executed, {name: decided[name] for name in p.dispatchers}

    def _decide(
        self, name: str, tick: Tick, signals: Mapping[str, Signal], executed: Mapping[str, Executed],
        bounds: Bounds, permission: Permission, hands: Hands,
    ) -> Verdicted:  # fmt: skip
        p, (limits, hard, safe) = self.parts, bounds
        dispatcher, selection = p.dispatchers[name], p.selections[name]
        started, ended = tick.time >= p.span.starts_at, tick.time >= p.span.ends_at
        mode = p.authority.requested if started else min(p.authority.requested, Mode.ADVISE)
        wish, usable, signal = selection.choose(executed, signals)
        forced, where = p.authority.forced(name)
        at = Situation(
            dispatcher.channel, tick.time, dispatcher.intended, wish, usable, signal.verdict, signal.latch,
            p.facts.values()[f"applied_at.{name}"], limits.low[name], limits.high[name], hard.low[name],
            hard.high[name], limits.suspend[name], safe[name], np.where(where, forced, np.nan), self.residual[name],
            mode, permission.granted, ended and p.span.safe_afterwards, hands.parked.get(name),
        )  # fmt: skip
        verdict = decide(at)
        self.residual[name] = verdict.residual
        selection.settle(verdict.reason, verdict.value)
        return verdict

    def _act(
        self,
        tick: Tick,
        decided: Mapping[str, Verdicted],
        looked: Mapping[str, Looked],
        suspend: Mapping[str, Bools],
        safe: Mapping[str, Array],
    ) -> dict[str, Output]:
        """Announce, write and read back; orders that are not new go out again under their own id."""
        p, orders = self.parts, dict[str, Command]()
        for name, verdict in decided.items():
            if verdict.write and not self._left_alone(tick):
                order = p.dispatchers[name].order(
                    verdict.value, safe[name], suspend[name], tick.time, p.epochs
                )
                orders |= {name: order} if order else {}
            else:
                p.dispatchers[name].standing = None
        new = {name: order for name, order in orders.items() if order is not p.dispatchers[name].standing}
        if new:
            p.store.append(intent_record(new, tick.index, tick.time))
        for name, order in orders.items():
            p.dispatchers[name].send(order, tick.time)
        return {n: _output(d, decided[n], looked[n], orders.get(n)) for n, d in p.dispatchers.items()}

    def _record(self, turn: Turn) -> Turn:
        record = recording.tick_record(turn)
        number = self.parts.store.append(record, durable=False)  # on disk with the snapshot that follows it
        self.parts.facts.fold(record)
        return replace(turn, number=number)

    # -- small helps ------------------------------------------------------------------------------------------------

    def _in_force(self) -> dict[str, Array]:
        """The values that are, or are about to be made, true."""
        return {name: dispatcher.intended for name, dispatcher in self.parts.dispatchers.items()}

    def _setpoint(
        self, name: str, level: Array, tick: Tick, signals: Mapping[str, Signal], hands: Hands
    ) -> Array:
        """What a loop is to keep now: what its total leaves, or a level with its way and its week."""
        p = self.parts
        if name in p.paces:
            return p.paces[name].at(tick, signals, p.facts.values(), p.cells)
        signal = signals[p.executions[name].declared.measure]
        level = self._approached(name, level, tick, signal, hands)
        return p.setpoints[name].at(tick, signal, p.cells, level, p.facts.values())

    def _approached(self, name: str, level: Array, tick: Tick, signal: Signal, hands: Hands) -> Array:
        """The level on its way, where the target asks for one."""
        p = self.parts
        if name not in p.approaches:
            return level
        factor = p.setpoints[name].at(tick, signal, p.cells, np.ones_like(level), p.facts.values())
        measured = np.divide(signal.value, factor, out=np.full_like(level, np.nan), where=factor > 0)
        others = np.logical_and.reduce([hands.taken[n] for n in p.executions[name].declared.channels])
        anew = others | (signal.latch != Latch.LIVE) | (p.authority.requested == Mode.MANUAL)
        return p.approaches[name].towards(level, measured, anew, tick.elapsed)

    def _hands(self, signals: Mapping[str, Signal], limits: Limits) -> Hands:
        """Which outputs are in other hands than the loops', and which targets no loop keeps at this turn."""
        p, taken, parked = self.parts, dict[str, Bools](), dict[str, Bools]()
        if not p.shared:
            return Hands({}, {}, {})
        for name, dispatcher in p.dispatchers.items():
            taken[name] = p.authority.forced(name)[1] | limits.suspend[name] | dispatcher.stuck
        for link in reversed(p.links):
            inner = p.executions[link.inner].declared
            lost = {n: taken[n] | p.selections[n].lost(link.inner) for n in inner.channels}
            parked[link.channel] = cascade.open_at(link, signals[inner.measure].latch != Latch.LIVE, lost)
            taken[link.channel] = taken[link.channel] | parked[link.channel]
        actual = {n: np.where(d.stuck, d.applied, d.intended) for n, d in p.dispatchers.items()}
        return Hands(actual, taken, parked)

    def _tracking(self, execution: Execution) -> dict[str, Bools]:
        return {
            n: ~self.parts.selections[n].followed(execution.declared.name)
            for n in execution.declared.channels
        }

    def _left_alone(self, tick: Tick) -> bool:
        return tick.time >= self.parts.span.ends_at and not self.parts.span.safe_afterwards

    def _permission(self, tick: Tick) -> Permission:
        if self.parts.authority.requested != Mode.AUTO:
            return Permission(False, "")
        return self.parts.gate.permit(tick, self.parts.digest)

    # -- saving -----------------------------------------------------------------------------------------------------

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays and small JSON from which `restore` goes on as if nothing had happened."""
        return recording.state_of(self.parts, self.residual)

    def restore(self, arrays: Mapping[str, Any], saved: Mapping[str, Any]) -> None:
        """Take a saved state back, part by part; what today's config no longer has is left out."""
        self.residual |= recording.restore_into(self.parts, arrays, saved)


def _output(dispatcher: Dispatcher, verdict: Verdicted, looked: Looked, order: Command | None) -> Output:
    standing = dispatcher.standing
    ends = None if standing is None or standing.lease is None else standing.issued_at + standing.lease
    return Output(
        decided=verdict,
        read_back=looked.value,
        drifted=looked.drifted,
        applied=dispatcher.applied,
        known=dispatcher.known,
        landing=dispatcher.landing,
        order=order,
        epoch="" if standing is None else str(standing.epoch),
        lease_ends=ends,
        failed=tuple(dispatcher.failed),
    )
