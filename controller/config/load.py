"""Loading a campaign: the file into a plan, or every fault at once.

The functions behind the package's face. Order: YAML, entries, files beside it, rules between entries, what is
reserved.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from controller.config import yaml12
from controller.config.document import Document, Fault
from controller.config.files import complete
from controller.config.parse import Draft, parse
from controller.config.reserved import reserved
from controller.config.rules import (
    events,
    market,
    numbers,
    owners,
    pacing,
    policies,
    references,
    shapes,
    times,
    units,
)
from controller.errors import ConfigError, Problem
from controller.plan import Campaign

RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    references.check,
    numbers.check,
    units.check,
    owners.check,
    times.check,
    events.check,
    shapes.check,
    policies.check,
    pacing.check,
    market.check,
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a file says: its plan, what is wrong with it, and what this version does not do."""

    file: str
    plan: Campaign
    """Made of what could be read; whole only where there are no problems."""
    problems: tuple[Problem, ...]
    unavailable: tuple[Problem, ...]
    """Reserved parts of the grammar that the file uses."""


def load(path: str | os.PathLike[str], *, allow_reserved: bool = False) -> Campaign:
    """The campaign in a file; raises ConfigError with all problems, OSError where there is no such file.

    `allow_reserved` lets through what the grammar knows and this version does not do.
    """
    place = FilePath(path)
    text = yaml12.decode(place.read_bytes(), str(path))
    return loads(text, file=str(path), folder=str(place.resolve().parent), allow_reserved=allow_reserved)


def loads(
    text: str, *, file: str = "<text>", folder: str | None = None, allow_reserved: bool = False
) -> Campaign:
    """The campaign in a text; `folder` is where the files that it names are looked for."""
    findings = examine(text, file=file, folder=folder)
    problems = findings.problems + (() if allow_reserved else findings.unavailable)
    if problems:
        raise ConfigError(file, problems)
    return findings.plan


def check_text(text: str, *, file: str = "<text>", folder: str | None = None) -> tuple[Problem, ...]:
    """Everything that `load` would refuse, in the order of the file; empty where the file can be used."""
    try:
        findings = examine(text, file=file, folder=folder)
    except ConfigError as error:
        return error.problems
    return tuple(sorted(findings.problems + findings.unavailable))


def examine(text: str, *, file: str = "<text>", folder: str | None = None) -> Findings:
    """What a text says; raises ConfigError only where it is no YAML."""
    from controller.config.trial import (
        trial,
    )  # late: it brings the engine, which a mere import of the face need not

    document: Document = yaml12.read(text, file)
    draft = parse(document, {"folder": folder or ""})
    complete(draft, folder)
    unread = {fault.path[:3] for fault in draft.faults}
    broken = [fault for rule in RULES for fault in rule(draft) if fault.path[:3] not in unread]
    draft.faults.extend(broken)
    built = trial(draft)
    draft.faults.extend(built.faults)
    held = [*draft.reserved, *reserved(draft.plan), *built.unavailable]
    return Findings(file, draft.plan, document.problems(draft.faults), document.problems(held))
