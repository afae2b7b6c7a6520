"""Variants of a campaign's file: the grid of values that `--vary` names, each read as if the file said so.

Called by `setpoint sweep`; calls the config. A value is put into the file's own tree before that is read, so a fault
speaks as any fault of the file: with its place, what was received, what is allowed, and the nearest known name.
"""

import itertools
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, get_origin

from controller.assembly import cells_of
from controller.config import loads, yaml12
from controller.config.canonical import journalled
from controller.config.document import Document, Mark, Path, written
from controller.config.typed import alias, bare, hints
from controller.errors import ConfigError, Problem, SetpointError, nearest
from controller.plan import Campaign
from sim.sweep.errors import SweepError
from sim.sweep.task import canonical

MOST = 10_000
"""Variants of one sweep."""
_ENOUGH = 20
"""Faults after which no more variants are read."""
_OFTEN = 1000
_PART = re.compile(r"([^\[\].=\s]+)((?:\[\d+\])*)")


class VaryError(SweepError):
    """What `--vary` says can't be done."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One path of the file and the values that it is to have."""

    path: Path
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The path in words."""
        return written(self.path)


@dataclass(frozen=True, slots=True)
class Variant:
    """One point of the grid."""

    settings: Mapping[str, Any]
    """Value by path; empty for the file as written."""
    text: str
    """The campaign with these settings: a config of its own, files beside it included."""
    cells: int = 1


def axis_of(text: str) -> Axis:
    """What one `--vary` says; raises VaryError.

    >>> axis_of("actuators.win_rate.limits[1]=10%, 12%")
    Axis(path=('actuators', 'win_rate', 'limits', 1), values=('10%', '12%'))
    >>> axis_of("loops.sales.policy={kind: fixed},{kind: pid, gain: 1}").values
    ({'kind': 'fixed'}, {'kind': 'pid', 'gain': 1})
    """
    name, equals, listed = text.partition("=")
    if not equals:
        raise VaryError(
            f"no values, received {text!r}, allowed: PATH=VALUE,VALUE such as loops.sales.policy.gain=0.5,1"
        )
    path = _path_of(name.strip())
    try:
        values = yaml12.read(f"[{listed}]").value
    except ConfigError as fault:
        said = "; ".join(problem.text for problem in fault.problems)
        raise VaryError(f"{name}: no list of YAML values, received {listed!r}: {said}") from fault
    if not values:
        raise VaryError(f"{name}: an empty list, allowed: at least one value after the =")
    told = [canonical(value) for value in values]
    twice = next((text for number, text in enumerate(told) if text in told[:number]), None)
    if twice is not None:
        raise VaryError(f"{name}: the value {twice} is given twice, allowed: once")
    return Axis(path, tuple(values))


def _path_of(name: str) -> Path:
    parts: list[str | int] = []
    for piece in name.split("."):
        found = _PART.fullmatch(piece)
        if found is None:
            raise VaryError(
                f"not a path, received {name!r}, allowed: keys and dots such as loops.sales.policy.gain"
            )
        parts += [found[1], *(int(number) for number in re.findall(r"\d+", found[2]))]
    if parts[0] == "mode":
        raise VaryError("mode: a simulation runs in auto whatever the file says, allowed: another path")
    return tuple(parts)


def read_variants(
    file: FilePath, axes: Sequence[Axis], tell: Callable[[str], None] | None = None, auto: bool = True
) -> list[Variant]:
    """The file as written, then every point of the grid, the last axis running fastest; `tell` hears how far it is.

    auto: in mode auto, whatever the file says; else in the file's own.

    Raises ConfigError with what is wrong with the file or with values for it, VaryError with what is wrong with axes.
    """
    _judge(axes)
    text = yaml12.decode(file.read_bytes(), str(file))
    folder = str(file.resolve().parent)
    campaign = loads(text, file=str(file), folder=folder)
    document = yaml12.read(text, str(file))
    found, problems = [_variant(campaign, str(file), {}, auto)], dict[tuple[str, str], Problem]()
    for values in itertools.product(*(axis.values for axis in axes)):
        tree = deepcopy(document.value)
        for axis, value in zip(axes, values, strict=True):
            _put(tree, axis.path, value)
        settings = {axis.name: value for axis, value in zip(axes, values, strict=True)}
        try:
            campaign = loads(json.dumps(tree, ensure_ascii=False), file=str(file), folder=folder)
        except ConfigError as fault:
            for problem in fault.problems:
                problems.setdefault((problem.path, problem.text), _placed(problem, document, settings))
        else:
            found.append(_variant(campaign, str(file), settings, auto))
        if len(problems) >= _ENOUGH:
            break
        if tell is not None and len(found) % _OFTEN == 0:
            tell(f"{len(found):,} variants read")
    if problems:
        raise ConfigError(str(file), list(problems.values()))
    return found


def shown(settings: Mapping[str, Any]) -> str:
    """Settings in words.

    >>> shown({"loops.sales.policy.gain": 0.5, "actuators.win_rate.max_step": "1 point"})
    'loops.sales.policy.gain=0.5, actuators.win_rate.max_step=1 point'
    """
    return ", ".join(f"{name}={value_shown(value)}" for name, value in settings.items()) or "as written"


def value_shown(value: Any) -> str:
    """A value as one would write it after `--vary`."""
    return value if isinstance(value, str) else canonical(value)


def _judge(axes: Sequence[Axis]) -> None:
    for number, axis in enumerate(axes):
        for other in axes[:number]:
            size = min(len(axis.path), len(other.path))
            if axis.path[:size] == other.path[:size]:
                raise VaryError(
                    f"{other.name} and {axis.name} set the same part of the file, allowed: one of them"
                )
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST:
        raise VaryError(f"a grid of {count:,} variants, allowed: at most {MOST:,}")


def _put(tree: Any, path: Path, value: Any) -> None:
    """Set a value in the file's tree; what is missing on the way is made, but no entry of a block with names."""
    node = tree
    for depth, part in enumerate(path):
        last = depth == len(path) - 1
        where = written(path[:depth]) or "the file"
        if isinstance(part, int):
            if not isinstance(node, list) or part >= len(node):
                size = f"a list of {len(node)}" if isinstance(node, list) else "no list"
                raise VaryError(f"{written(path)}: {where} is {size} in the file, allowed: a place in a list")
        elif not isinstance(node, dict):
            raise VaryError(
                f"{written(path)}: {where} is {canonical(node)} in the file, allowed: a path through mappings"
            )
        elif part not in node and not last:
            if depth == 1 and path[0] in _named():
                raise VaryError(
                    f"{written(path[:2])}: nothing of that name is in the file{nearest(part, node)}"
                )
            node[part] = {}
        if last:
            node[part] = value
        else:
            node = node[part]


def _named() -> set[str]:
    """Top-level keys whose entries have names: sensors, actuators, loops and so on."""
    return {alias(name) for name, hint in hints(Campaign).items() if get_origin(bare(hint)) is dict}


def _placed(problem: Problem, document: Document, settings: Mapping[str, Any]) -> Problem:
    """A fault of a variant where the file has it, or what holds it; the variant is named."""
    marks: dict[str, Mark] = {
        written(path): mark for path, mark in [*document.values.items(), *document.keys.items()]
    }
    place = problem.path
    while place not in marks:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    mark = marks[place]
    return Problem(mark.line, mark.column, problem.path, f"{problem.text} (variant {shown(settings)})")


def _variant(campaign: Campaign, file: str, settings: Mapping[str, Any], auto: bool) -> Variant:
    """The variant, once its market is known to be one; raises SetpointError."""
    if not settings or any(name.startswith("market") for name in settings):
        from models.draws import Draws
        from sim.market.build import market_of
        from sim.runs.runner import first_moment

        try:
            market_of(campaign, Draws(0), start=first_moment(campaign))
        except SetpointError as fault:
            raise SetpointError(
                f"{file}: {fault} (variant {shown(settings)})" if settings else str(fault)
            ) from fault
    text = journalled(replace(campaign, mode="auto") if auto else campaign)
    return Variant(settings, text, len(cells_of(campaign)))
