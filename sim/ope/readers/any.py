"""A log from a journal, an Open Bandit file or a plain CSV; a policy from a word or a CSV."""

from pathlib import Path

import numpy as np

from controller.errors import ConfigError, Problem
from sim.ope._faults import Faults, refuse
from sim.ope._log import Floats, Log
from sim.ope._question import always, probabilities, uniform
from sim.ope.readers import open_bandit, plain
from sim.ope.readers._csv import lines_of, numbers, slots, table
from sim.ope.readers.journal import from_journal


def log_of(path: Path, loop: str | None = None) -> Log:
    """The log in a file; raises ConfigError, StoreError, and LogError for a journal without decisions between arms."""
    from sim.calibration.journal import is_journal

    if is_journal(path):
        from sim.journal.journal import read_journal

        return from_journal(read_journal(path), loop)
    if loop is not None:
        problem = Problem(1, 1, "", f"--loop {loop} picks a loop of a journal, and this file is none")
        raise ConfigError(str(path), [problem])
    names = table(path, (), lines=1).columns
    return open_bandit.read(path) if "propensity_score" in names else plain.read(path)


def target_of(log: Log, policy: str) -> Floats:
    """The policy asked about: `uniform`, `fixed:ARM`, or a CSV of action, probability and perhaps position.

    Raises LogError for an arm that the log doesn't have, ConfigError for a file with faults.
    """
    if policy == "uniform":
        return uniform(log)
    if policy.startswith("fixed:"):
        return always(log, policy.removeprefix("fixed:"))
    path = Path(policy)
    if not path.is_file():
        refuse(
            "--policy", f"{policy!r} is no file, allowed: uniform, fixed:ARM, or a CSV of action, probability"
        )
    frame = table(path, ("action", "probability"))
    with lines_of(path):
        faults = Faults()
        share = numbers(frame, "probability", faults)
        faults.where("probability", np.isnan(share), "missing, allowed: 0 to 1")
        slot = slots(frame, "position", faults)
        key = [name for name in ("action", "position") if name in frame]
        faults.where("action", frame.duplicated(key).to_numpy(), "named twice, allowed: once")
        faults.stop()
        arms = frame["action"].str.strip()
        if slot is None:
            return probabilities(log, dict(zip(arms, share, strict=True)))
        each = [slot == number for number in range(int(slot.max()) + 1)]
        return np.array([probabilities(log, dict(zip(arms[own], share[own], strict=True))) for own in each])
