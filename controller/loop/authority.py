"""Who may move an output: the requested mode, overrides with owner, reason and expiry, and what operators ask for.

Called by the loop (in force at once, at the next turn at the latest) and by the daemon, which hands over the operators'
rows of the store. The config sets the highest mode; operators may go lower. Knows nothing of values being right or
wrong: limits apply to an override as to everything else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from controller.cells import Array, Bools, Cells
from controller.errors import CommandError, nearest
from controller.ports import OperatorCommand
from controller.quantities.amounts import write_level
from controller.signals import Channel, Mode

VERBS = ("hold", "resume", "safe", "mode", "override", "release")
"""Commands that concern outputs; the daemon handles the others (ack, shelve, reload, accept)."""


@dataclass(frozen=True, slots=True)
class Override:
    """A value that a person put above the policy's."""

    channel: str
    value: float | None
    """None: the value that was in force when it was set (hold)."""
    owner: str
    reason: str
    expires_at: float | None = None
    cell: str | None = None
    """None: every cell."""
    held: tuple[float, ...] = ()
    """For a hold: the values of all cells, once known."""


class Authority:
    """Requested mode and overrides of one campaign; changed by operators' commands and by time."""

    def __init__(self, highest: Mode, channels: Mapping[str, Channel], cells: Cells) -> None:
        self.highest, self.requested = highest, highest
        self.channels, self.cells = channels, cells
        self.overrides: tuple[Override, ...] = ()
        self.released = False
        """True for the one turn after `resume`: latched holds of sensors end."""

    def obey(self, command: OperatorCommand, now: float) -> str:
        """Take one command; returns what was done, as a sentence; raises CommandError and changes nothing."""
        if command.verb not in VERBS:
            raise CommandError(f"command {command.verb!r} is not known{nearest(command.verb, VERBS)}")
        if command.expires_at is not None and command.expires_at <= now:
            raise CommandError(f"{command.verb} by {command.owner} expired before it could come into force")
        done: str = getattr(self, f"_{command.verb}")(command)
        return done

    def expire(self, now: float) -> tuple[str, ...]:
        """Drop overrides whose time is up; returns a sentence for each."""
        gone = [o for o in self.overrides if o.expires_at is not None and o.expires_at <= now]
        self.overrides = tuple(o for o in self.overrides if o not in gone)
        self.released = False
        return tuple(f"override of {o.channel} by {o.owner} ran out" for o in gone)

    def pin(self, applied: Mapping[str, Array]) -> None:
        """Give new holds the values in force."""
        self.overrides = tuple(
            replace(o, held=tuple(applied[o.channel])) if o.value is None and not o.held else o
            for o in self.overrides
        )

    def forced(self, channel: str) -> tuple[Array, Bools]:
        """Overriding values and where they hold, shape (cells,); the latest override of a cell wins."""
        value, where = self.cells.full(np.nan), np.zeros(len(self.cells), np.bool_)
        for override in (o for o in self.overrides if o.channel == channel):
            mask = self._mask(override.cell)
            value = np.where(
                mask, np.array(override.held) if override.value is None else override.value, value
            )
            where |= mask
        return value, where & np.isfinite(value)

    # -- verbs ------------------------------------------------------------------------------------------------------

    def _mode(self, command: OperatorCommand) -> str:
        names = [mode.name.lower() for mode in Mode if mode <= self.highest]
        wanted = str(command.data.get("mode", "")).lower()
        if wanted not in names:
            raise CommandError(
                f"mode {wanted!r} is above the config's {names[-1]}; allowed: {', '.join(names)}"
            )
        self.requested = Mode[wanted.upper()]
        return f"mode {wanted}, by {command.owner}: {command.reason}"

    def _hold(self, command: OperatorCommand) -> str:
        names = [self._channel(command)] if "channel" in command.data else list(self.channels)
        for name in names:
            self._add(
                Override(name, None, command.owner, command.reason, command.expires_at, self._cell(command))
            )
        return f"{', '.join(map(_word, names))} held in place, by {command.owner}: {command.reason}"

    def _safe(self, command: OperatorCommand) -> str:
        names = [self._channel(command)] if "channel" in command.data else list(self.channels)
        for name in names:
            safe = self.channels[name].safe
            self._add(
                Override(name, safe, command.owner, command.reason, command.expires_at, self._cell(command))
            )
        return f"{', '.join(map(_word, names))} to the safe value, by {command.owner}: {command.reason}"

    def _override(self, command: OperatorCommand) -> str:
        name, value = self._channel(command), command.data.get("value")
        channel = self.channels[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise CommandError(f"override of {name} needs a number, received {value!r}")
        if not channel.low <= value <= channel.high:
            low, high, asked = (write_level(v, channel.unit) for v in (channel.low, channel.high, value))
            raise CommandError(f"override of {name} to {asked} is outside its limits {low} to {high}")
        self._add(
            Override(
                name, float(value), command.owner, command.reason, command.expires_at, self._cell(command)
            )
        )
        return f"{_word(name)} to be {write_level(value, channel.unit)}, by {command.owner}: {command.reason}"

    def _release(self, command: OperatorCommand) -> str:
        name = self._channel(command)
        self.overrides = tuple(o for o in self.overrides if o.channel != name)
        return f"override of {name} released, by {command.owner}: {command.reason}"

    def _resume(self, command: OperatorCommand) -> str:
        self.overrides, self.released = (), True
        return f"all overrides and latched holds released, by {command.owner}: {command.reason}"

    def _add(self, override: Override) -> None:
        same = [o for o in self.overrides if (o.channel, o.cell) == (override.channel, override.cell)]
        wider = [o for o in self.overrides if override.cell is None and o.channel == override.channel]
        self.overrides = (*(o for o in self.overrides if o not in same + wider), override)

    def _channel(self, command: OperatorCommand) -> str:
        name = str(command.data.get("channel", ""))
        if name not in self.channels:
            raise CommandError(f"there is no actuator {name!r}{nearest(name, self.channels)}")
        return name

    def _cell(self, command: OperatorCommand) -> str | None:
        name = command.data.get("cell")
        if name is not None and name not in self.cells.names:
            raise CommandError(f"there is no cell {name!r}{nearest(str(name), self.cells.names)}")
        return name

    def _mask(self, cell: str | None) -> Bools:
        return np.array([cell is None or name == cell for name in self.cells.names], np.bool_)

    # -- saving -----------------------------------------------------------------------------------------------------

    def saved(self) -> dict[str, Any]:
        """Small JSON that `restored` takes back."""
        return {"requested": int(self.requested), "overrides": [asdict(o) for o in self.overrides]}

    def restored(self, saved: Mapping[str, Any]) -> None:
        """Take a saved state back; a mode above today's highest is lowered to it."""
        self.requested = min(Mode(int(saved["requested"])), self.highest)
        kept: Sequence[dict[str, Any]] = json.loads(json.dumps(saved["overrides"]))
        overrides = (Override(**(o | {"held": tuple(o["held"])})) for o in kept)
        self.overrides = tuple(o for o in overrides if o.channel in self.channels)


def _word(name: str) -> str:
    """An actuator's name as people say it."""
    return name.replace("_", "-")
