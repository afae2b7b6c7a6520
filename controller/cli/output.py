"""What a subcommand prints: text for people, or with --json one JSON value on stdout. Progress goes to stderr.

Called by every subcommand; calls click. JSON has no NaN and no infinity: what is unknown is null.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from controller.why.numbers import Scale


def emit(data: Any, lines: Iterable[str], as_json: bool) -> None:
    """Print one or the other."""
    if as_json:
        click.echo(json.dumps(plain(data), ensure_ascii=False, allow_nan=False, indent=2))
        return
    for line in lines:
        click.echo(line)


def progress(text: str) -> None:
    """A line on stderr."""
    click.echo(text, err=True)


def plain(value: Any) -> Any:
    """The value as JSON can hold it.

    >>> plain({"a": (1.0, float("nan"))})
    {'a': [1.0, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def level(value: float | None, unit: str) -> str:
    """A value with its unit, or `unknown`.

    >>> level(0.034, "share"), level(1187.0, "units/h"), level(None, "CNY")
    ('3.40 %', '1,187 units/h', 'unknown')
    """
    if value is None or not math.isfinite(value):
        return "unknown"
    scale = Scale.of(unit, (value,), 0.0)
    return scale.level(scale.ticks(value))


def span(seconds: float | None) -> str:
    """A length of time in words.

    >>> span(12.3), span(250.0), span(9000.0), span(400000.0), span(None)
    ('12 s', '4 min', '2.5 h', '4.6 days', 'unknown')
    """
    if seconds is None or not math.isfinite(seconds):
        return "unknown"
    steps: tuple[tuple[float, float, Callable[[float], str]], ...] = (
        (120.0, 1.0, lambda n: f"{n:.0f} s"),
        (7200.0, 60.0, lambda n: f"{n:.0f} min"),
        (172_800.0, 3600.0, lambda n: f"{n:.1f} h"),
        (math.inf, 86_400.0, lambda n: f"{n:.1f} days"),
    )
    size, told = next((size, told) for most, size, told in steps if seconds < most)
    return told(seconds / size)


def columns(rows: Iterable[tuple[str, ...]], indent: str = "  ") -> list[str]:
    """Rows of texts under each other, the last column as long as it likes."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)][:-1] if table else []
    return [
        (
            indent + "  ".join(text.ljust(width) for text, width in zip(row, [*widths, 0], strict=True))
        ).rstrip()
        for row in table
    ]
