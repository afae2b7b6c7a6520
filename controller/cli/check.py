"""`setpoint check`: is the file right, and is what it says of the world true?

Called by its entry point; calls the config, then controller/inspection, which asks every port once. Writes nothing to
anything outside. Exit codes: 0 nothing is wrong, 1 the world is not as the file says, 3 the file itself is wrong.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from controller.cli import options
from controller.cli.exits import CONFIG, FOUND
from controller.cli.output import columns, emit, level, progress, span
from controller.clock import SystemClock
from controller.config.document import Document, Fault
from controller.errors import ConfigError, Problem
from controller.inspection.report import ActuatorSeen, Finding, Report, SensorSeen


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--offline", is_flag=True, help="Read the file only; touch nothing outside.")
@click.option(
    "--live", is_flag=True, help="A port that does not answer is a fault, also where `market:` stands in."
)
@options.as_json
def check(file: str, offline: bool, live: bool, as_json: bool) -> None:
    """Check a campaign's file, and ask every sensor and actuator in it once.

    Shows each sensor's value, unit, age and count, each actuator's value in force, its lease and who sees to it, the
    noise floor of each band and the overspend bound of each budget, whether the certificate beside the file lets auto
    act, and says what is wrong with any of them.
    """
    if offline and live:
        raise click.UsageError("--offline and --live exclude each other, allowed: one of them")
    try:
        document, report = _report(file, offline, live)
    except ConfigError as fault:
        _refuse(file, fault, as_json)
        return
    wrong, notes = (_placed(document, found) for found in (report.wrong, report.notes))
    emit(_data(file, report, wrong, notes), _lines(file, report, wrong, notes), as_json)
    if wrong:
        click.get_current_context().exit(FOUND)


def _report(file: str, offline: bool, live: bool) -> tuple[Document, Report]:
    from controller.config import yaml12
    from controller.config.load import load
    from controller.inspection.inspect import inspect

    campaign = load(file)
    if not offline and (campaign.sensors or campaign.actuators):
        progress(f"asking {len(campaign.sensors)} sensors and {len(campaign.actuators)} actuators ...")
    report = inspect(campaign, SystemClock().now(), ask=not offline, live=live, file=Path(file))
    return yaml12.read(yaml12.decode(Path(file).read_bytes(), file), file), report


def _placed(document: Document, findings: tuple[Finding, ...]) -> list[Problem]:
    """Findings with line and column, in the order of the file, each once."""
    return list(document.problems(Fault(found.path, found.text) for found in findings))


def _refuse(file: str, fault: ConfigError, as_json: bool) -> None:
    if as_json:
        emit(
            {"file": file, "ok": False, "problems": [_problem(each) for each in fault.problems]}, (), as_json
        )
    else:
        click.echo(f"{fault}\n{_count(len(fault.problems))} wrong in {file}", err=True)
    click.get_current_context().exit(CONFIG)


# -- for programs ---------------------------------------------------------------------------------------------------


def _data(file: str, report: Report, wrong: list[Problem], notes: list[Problem]) -> dict[str, Any]:
    return {
        "file": file,
        "ok": not wrong,
        "problems": [_problem(each) for each in wrong],
        "notes": [_problem(each) for each in notes],
        "asked": report.asked,
        "sensors": {seen.name: _row(seen) for seen in report.sensors},
        "actuators": {seen.name: _row(seen) for seen in report.actuators},
        "bands": report.bands,
        "budgets": report.budgets,
        "auto": report.auto,
    }


def _row(seen: SensorSeen | ActuatorSeen) -> dict[str, Any]:
    row = dataclasses.asdict(seen)
    return {key: value for key, value in row.items() if key not in ("name", "findings")}


def _problem(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "column": problem.column, "path": problem.path, "text": problem.text}


# -- for people -----------------------------------------------------------------------------------------------------


def _lines(file: str, report: Report, wrong: list[Problem], notes: list[Problem]) -> Iterator[str]:
    yield f"{file}: the file itself is right"
    if not report.asked:
        yield "sensors and actuators: not asked (--offline)"
    yield from _block("sensors", columns(_sensor(seen) for seen in report.sensors))
    yield from _block("actuators", columns(_actuator(seen) for seen in report.actuators))
    yield from _block("bands", [f"  {line}" for line in report.bands])
    yield from _block("budgets", [f"  {line}" for line in report.budgets])
    yield from _block("auto", [f"  {report.auto}"] if report.auto else [])
    yield from _block("worth knowing", [f"  {problem.at(file)}" for problem in notes])
    yield from _block("wrong", [f"  {problem.at(file)}" for problem in wrong])
    yield f"{_count(len(wrong))} wrong"


def _block(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from lines


def _sensor(seen: SensorSeen) -> tuple[str, ...]:
    if seen.known == 0:
        return seen.name, "no value", "", ""
    where = f"; {seen.known} of {seen.cells} cells, the median" if seen.cells > 1 else ""
    count = "count not told" if seen.count is None else f"count {seen.count:,.0f}"
    return seen.name, level(seen.value, seen.unit), f"{span(seen.age)} old", count + where


def _actuator(seen: ActuatorSeen) -> tuple[str, ...]:
    where = f" ({seen.cells} cells, the median)" if seen.cells > 1 else ""
    allowed = f"limits {level(seen.low, seen.unit)} to {level(seen.high, seen.unit)}"
    return seen.name, f"{level(seen.value, seen.unit)} in force{where}", allowed, seen.lease


def _count(number: int) -> str:
    return {0: "nothing is", 1: "1 thing is"}.get(number, f"{number} things are")
