"""The alarm table: for every code its cause, consequence, what the operator does, severity and delays.

Read by the alarm book, by docs/alarms.md (which is written from it and checked by a test) and by the rules in deploy/.
Each alarm was reasoned out as ISA-18.2 asks: an entry that asks nobody to do anything is no alarm. `unless` is
suppression by design: while one of those codes is raised for the same subject, this one adds nothing and stays silent,
so that one fault is one alarm. Calls nothing.
"""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How soon somebody must act: now, within the hour, when convenient."""

    CRITICAL = 0
    HIGH = 1
    LOW = 2

    @property
    def word(self) -> str:
        """As written in the table and in messages."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Entry:
    """One alarm, reasoned out."""

    code: str
    severity: Severity
    cause: str
    consequence: str
    action: str
    on_delay: float = 0.0
    """Seconds that the condition must hold before it is an alarm."""
    off_delay: float = 0.0
    """Seconds that it must be gone before the alarm is over."""
    unless: tuple[str, ...] = ()
    """Codes that say the same of the same subject, and more."""


_C, _H, _L = Severity.CRITICAL, Severity.HIGH, Severity.LOW

_ENTRIES = (
    # -- what is measured
    Entry(
        "sensor_bad", _H,
        "a sample can't be believed: not finite, out of its plausible range, out of order, another unit, a reset",
        "the output holds; nothing is learnt from the sample",
        "look at the source; if the value is right after all, widen `plausible` or mend the query",
        off_delay=600.0, unless=("held", "fallback"),
    ),
    Entry(
        "sensor_silent", _L,
        "a sensor gives no sample; one missed scrape is no alarm, five minutes without one are",
        "the last good value still counts until it is too old; then outputs hold",
        "look at the source and at the network before `stale_after` is over",
        on_delay=300.0, off_delay=300.0, unless=("held", "fallback"),
    ),
    Entry(
        "held", _H,
        "a sensor has given bad data, or none for too long",
        "outputs that depend on it stay where they are; the target is not kept",
        "mend the source; outputs return by themselves after some good samples, or at `setpoint resume`",
        off_delay=300.0, unless=("fallback",),
    ),
    Entry(
        "fallback", _C,
        "a sensor has been lost for longer than `hold_for`",
        "outputs stand at their safe value; the campaign runs unsteered",
        "mend the source; if it stays away, set outputs by hand: `setpoint override`",
        off_delay=300.0,
    ),
    # -- what is turned
    Entry(
        "refused", _C,
        "an actuator understood an order and said no",
        "the value in force is not the one decided",
        "read what it said; the declared limits and the target's own rules disagree",
        off_delay=300.0,
    ),
    Entry(
        "lease_near_end", _C,
        "an order could not be renewed and its lease is nearly over",
        "the actuator is about to fall back to the safe value",
        "mend the way to the actuator; the safe value takes over lawfully if you can't",
        off_delay=300.0,
    ),
    Entry(
        "superseded", _C,
        "an actuator obeys a newer order than ours: somebody else commands it",
        "our orders have no effect",
        "find the second commander and stop one of the two",
        off_delay=300.0,
    ),
    Entry(
        "unconfirmed", _H,
        "an order was sent and the value read back is not the one ordered",
        "it is not known what is in force; budgets assume the costlier value",
        "look at the actuator; the order is repeated each tick under the same id",
        on_delay=180.0, off_delay=300.0, unless=("refused", "superseded", "lease_near_end"),
    ),
    Entry(
        "unreadable", _H,
        "the value in force can't be read back",
        "confirmation and drift are blind; budgets assume the costlier value",
        "look at the actuator's read-back and the network",
        on_delay=180.0, off_delay=300.0, unless=("refused", "superseded", "lease_near_end", "unconfirmed"),
    ),
    Entry(
        "drifted", _H,
        "somebody else changed a value that had been confirmed",
        "it is being set back; whoever changed it will wonder",
        "find out who; to take over, use `setpoint override` or mode manual",
        off_delay=1800.0, unless=("superseded",),
    ),
    # -- what is allowed
    Entry(
        "suspended", _C,
        "no value is both lawful and safe",
        "nothing is offered; what was won is honoured",
        "read which rules exclude each other; mend the terms, the budget or the limits",
        off_delay=300.0,
    ),
    Entry(
        "limit_dropped", _H,
        "a limit would have excluded what a stronger one demands, and was dropped",
        "the output is outside a limit that you set",
        "read which one; make the two compatible",
        on_delay=300.0, off_delay=600.0,
    ),
    Entry(
        "gate_closed", _L,
        "auto is asked for and not permitted",
        "the policy advises, nothing is written; orders that stand fall back when their leases end",
        "read why; simulate anew for a certificate and `setpoint reload`, or accept this config by name: "
        "`setpoint accept --reason ...`; or ask for mode advise",
        off_delay=60.0,
    ),
    Entry(
        "certificate_ends", _L,
        "the certificate that lets auto act ends within two weeks",
        "at its end auto drops to advise by itself",
        "calibrate on newer data, simulate anew, `setpoint reload`",
        off_delay=60.0, unless=("gate_closed",),
    ),
    Entry(
        "saturated_long", _H,
        "an output has stood at its costly limit for hours and the target is still missed",
        "the target can't be reached within the limits",
        "lower the target, widen the limits, or find out what else moved the KPI",
        off_delay=3600.0,
    ),
    Entry(
        "off_target", _H,
        "a loop has missed its target, in the mean, for as long as the target is judged over; its text says which link "
        "is off: out of reach, an answer that is none or reversed, a jump of the KPI, or that it can't be told",
        "the KPI is not what you set",
        "out of reach: lower the target or widen the limits; no answer or reversed: mode advise, then find out "
        "what the lever still does; a jump: wait, or tell the loop by `events:`; unclear: compare the sensor with its "
        "source",
        off_delay=3600.0,
    ),
    Entry(
        "budget_ahead", _H,
        "money goes faster than planned: the pace is above 1.1",
        "the budget ends before the campaign",
        "lower the target or the output's upper limit, or add money",
        on_delay=1800.0, off_delay=3600.0,
    ),
    # -- the daemon itself
    Entry(
        "tick_late", _H,
        "turns begin more than two periods late",
        "the loop steers on old data; leases come near their end",
        "look for a slow sensor, actuator or disk, or a starved machine",
        on_delay=120.0, off_delay=600.0,
    ),
    Entry(
        "ticks_skipped", _L,
        "turns were left out after a stall",
        "nothing was steered meanwhile; leases covered it",
        "look at what stalled: the log of that time, a suspended machine",
        off_delay=1800.0, unless=("clock_stepped",),
    ),
    Entry(
        "clock_stepped", _L,
        "the machine's wall clock was changed",
        "turns were skipped or paused for the size of the step",
        "look at time synchronisation; prefer slewing",
        off_delay=1800.0,
    ),
    Entry(
        "disk_low", _C,
        "little room is left for the journal",
        "the daemon stops when it can't write: it never decides without a record",
        "free space, or lower `store.keep`",
        off_delay=600.0,
    ),
    Entry(
        "journal_slow", _H,
        "writing a record takes a large part of a period",
        "turns will come late",
        "look at the disk; move the journal to a faster one",
        on_delay=300.0, off_delay=900.0,
    ),
    Entry(
        "reload_failed", _H,
        "a changed config has faults and was not taken",
        "the daemon runs on the old one",
        "run `setpoint check` on the file, mend it, reload",
    ),
    Entry(
        "reload_widened", _H,
        "a reload widened limits, raised a budget or changed a policy, or left what the certificate covers",
        "auto dropped to advise until a person says otherwise",
        "read what changed; if it is meant, certify or accept it and ask for auto again",
    ),
    Entry(
        "alarm_flood", _C,
        "more alarms at once than a person can read",
        "messages are held back; every alarm still stands in the list",
        "look for the one cause behind them, in `setpoint status`",
        off_delay=600.0,
    ),
)  # fmt: skip

TABLE = {entry.code: entry for entry in _ENTRIES}
"""Code -> entry, in the order of docs/alarms.md."""


def entry_of(code: str) -> Entry:
    """The entry of a code; a code from a foreign member that is not in the table is taken seriously all the same.

    >>> entry_of("fallback").severity.word, entry_of("strange").severity.word
    ('critical', 'high')
    """
    unknown = "not in the alarm table of this version"
    return TABLE.get(code) or Entry(code, _H, unknown, "unknown", "read its text")


def markdown() -> str:
    """The table as a page: one heading an alarm, so that a runbook link can point at it."""
    return "\n".join(_section(entry) for entry in _ENTRIES)


def _section(entry: Entry) -> str:
    unless = ", ".join(f"`{code}`" for code in entry.unless) or "nothing"
    delays = f"on after {entry.on_delay:g} s, off after {entry.off_delay:g} s"
    return (
        f"## {entry.code}\n\n{entry.severity.word.capitalize()}; {delays}; silent under: {unless}.\n\n"
        f"- **Cause:** {entry.cause}.\n- **Consequence:** {entry.consequence}.\n- **Do:** {entry.action}.\n"
    )
