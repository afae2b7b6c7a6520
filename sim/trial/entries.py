"""Who takes part in a trial: a row of the evidence, or a policy written as in a config.

Called by sim.trial.cases. An entry that a campaign's file can't be read with is named with the reason, never left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.config import load, yaml12
from controller.errors import SetpointError
from sim.sweep.variants import Axis, read_variants

CONFIG = "config"
"""The row of the evidence that is the campaign's file as written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One who takes part.

    Parameters
    ----------
    name: in the table.
    about: what it is, in a few words.
    row: the evidence's row that is played.
    policy: the policy that stands in every loop, as in a config; None: the file's own.
    """

    name: str
    about: str
    row: str = CONFIG
    policy: Any = None


TUNED = "tuned"
"""In place of a policy's `model`: the intervals that tuning finds on the campaign's market."""
STANDARD = (
    Entry("fixed", "the start value, left alone: do nothing", "fixed"),
    Entry("best fixed", "chosen in hindsight, on the very luck it is judged by", "best fixed"),
    Entry("updown", "a step up under target, a step down over it", "updown"),
    Entry(
        "simple_pid", "simple-pid, the best gains of a grid on other seeds of the calm market", "simple_pid"
    ),
    Entry("pid", "the file as written: gains set by hand"),
    Entry("auto", "pid that tunes itself", policy={"kind": "pid", "tune": "auto"}),
    Entry(
        "mpc", "predictive, its model as `setpoint tune` writes it", policy={"kind": "mpc", "model": TUNED}
    ),
    Entry("oracle", "knows the market and its state, not its luck; same limits and delays", "oracle"),
)
"""In the order in which they are shown."""


def entries_of(asked: Sequence[str]) -> tuple[Entry, ...]:
    """The entries asked for: names of STANDARD, or `NAME={kind: ...}`, a policy as in a config.

    Raises SetpointError for an unknown name, and for what is no policy.

    >>> [entry.name for entry in entries_of(["fixed", "slow={kind: pid, gain: 0.1, integral_time: 1d}"])]
    ['fixed', 'slow']
    """
    known = {entry.name: entry for entry in STANDARD}
    found = [_entry(text) if "=" in text else known.get(text, text) for text in asked]
    strangers = [each for each in found if isinstance(each, str)]
    if strangers:
        raise SetpointError(
            f"rows: no such row, received {strangers[0]!r}, allowed: {', '.join(known)}, or NAME={{kind: ...}}"
        )
    entries = [each for each in found if isinstance(each, Entry)]
    names = [entry.name for entry in entries]
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    if twice is not None:
        raise SetpointError(f"rows: the name {twice!r} is given twice, allowed: once")
    return tuple(entries)


def _entry(text: str) -> Entry:
    name, _, policy = text.partition("=")
    value = yaml12.read(policy, f"row {name}").value
    if not isinstance(value, dict) or "kind" not in value:
        raise SetpointError(f"rows: {name} is no policy, received {policy!r}, allowed: {{kind: ...}}")
    return Entry(name.strip(), f"{policy.strip()}", policy=value)


def written(file: Path, loops: Sequence[str], entry: Entry) -> str:
    """A campaign's text with the entry's policy in every loop; raises SetpointError where it can't be read."""
    policies = {name: _tuned(file, name, entry.policy) for name in loops}
    axes = [Axis(("loops", name, "policy"), (policy,)) for name, policy in policies.items()]
    return read_variants(file, axes if entry.policy is not None else [], auto=False)[-1].text


def _tuned(file: Path, loop: str, policy: Any) -> Any:
    """The policy, with the model that tuning finds where it asks for that."""
    if not isinstance(policy, dict) or policy.get("model") != TUNED:
        return policy
    from sim.tuning.market import plants_of
    from sim.tuning.words import model_of

    return policy | {"model": model_of(plants_of(load(file), loop).answering)}


def why_not(fault: SetpointError) -> str:
    """An error in one line.

    >>> why_not(SetpointError("no such kind,\\n  allowed: pid"))
    'no such kind, allowed: pid'
    """
    return " ".join(str(fault).split())
