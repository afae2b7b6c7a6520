"""The gates as the page tells them: each with where it was judged, and what the certificate answers.

Called by content; calls names. A page without a single gate is not certified; nor is one of which any gate failed.
"""

from dataclasses import dataclass

from controller.certificates import GateResult
from controller.cli.output import span
from sim.evidence.result import Evidence, ScenarioResult
from sim.report_page.costs import beyond
from sim.report_page.names import ALWAYS, capital, count, day, sentence, title


@dataclass(frozen=True, slots=True)
class Mark:
    """One gate, judged."""

    where: str
    """Title of the scenario; `The market` for what holds everywhere."""
    name: str
    passed: bool
    said: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether this plan may steer by itself."""

    badge: str
    tone: str
    """good, warn or bad."""
    said: str


@dataclass(frozen=True, slots=True)
class Unbelieved:
    """A scenario that nobody believes in beforehand, and that is always told."""

    name: str
    state: str
    """passed, failed or not played."""
    about: str
    said: tuple[str, ...]


def marks(scenario: ScenarioResult) -> list[Mark]:
    """The gates of one scenario."""
    return [Mark(title(scenario.kind), one.name, one.passed, sentence(one.said)) for one in scenario.gates]


def market(evidence: Evidence) -> list[Mark]:
    """The gates of the whole that belong to no scenario: those of the market."""
    known = [gate for scenario in evidence.scenarios for gate in scenario.gates]
    rest = [gate for gate in evidence.gates if not any(_same(gate, one) for one in known)]
    return [
        Mark("The market", gate.name.removeprefix("market: "), gate.passed, sentence(gate.said))
        for gate in rest
    ]


def judged(evidence: Evidence) -> list[Mark]:
    """Every gate once: those of the scenarios in their order, then those of the market."""
    return [mark for scenario in evidence.scenarios for mark in marks(scenario)] + market(evidence)


def answer(evidence: Evidence, now: float, until: float | None) -> Answer:
    """What follows from the gates.

    `until`: UTC seconds at which the certificate runs out; None where none was issued.
    """
    every = judged(evidence)
    failed = sum(not mark.passed for mark in every)
    if not every:
        return Answer("not certified", "bad", "Not certified: no gate was judged, so nothing is proven.")
    if failed:
        said = (
            f"Not certified: {failed} of {count(len(every), 'gate')} failed. The loop may advise; by itself it steers "
            "only where somebody accepts that by name."
        )
        return Answer("not certified", "bad", said)
    all_of = f"all {len(every)} gates are" if len(every) > 1 else "the one gate is"
    if until is None:
        said = f"{capital(all_of)} passed. No certificate was issued with this report."
        return Answer("gates passed", "good", said)
    zone = evidence.campaign.runs.timezone
    if until <= now:
        said = (
            f"No longer certified: it ran out on {day(until, zone, year=True)}. Simulate anew, on newer data."
        )
        return Answer("expired", "bad", said)
    said = (
        f"Certified until {day(until, zone, year=True)}, for {_left(until - now)}: {all_of} passed. An edit that "
        "leaves what was tried here ends it at once."
    )
    return Answer("certified", "good", said)


def unbelieved(evidence: Evidence) -> list[Unbelieved]:
    """Zero gain and sign reversal: what they are, and what was seen; also where they were not played."""
    return [_unbelieved(evidence, kind, evidence.scenario(kind)) for kind in ALWAYS]


def _left(seconds: float) -> str:
    days = seconds / 86_400.0
    return count(round(days), "day") if days >= 1.5 else span(seconds)


def _unbelieved(evidence: Evidence, kind: str, scenario: ScenarioResult | None) -> Unbelieved:
    if scenario is None:
        return Unbelieved(title(kind), "not played", "", ("This run left it out: nothing is known of it.",))
    if not scenario.rows:
        why = scenario.skipped or "this run has no result of it"
        return Unbelieved(title(kind), "not played", sentence(scenario.about), (sentence(why),))
    found = marks(scenario)
    state = "passed" if found and all(mark.passed for mark in found) else "failed"
    said = [beyond(evidence, scenario), *(mark.said for mark in found)]
    said += [] if found else ["No gate was judged in it, so it counts as failed."]
    return Unbelieved(title(kind), state, sentence(scenario.about), tuple(filter(None, said)))


def _same(gate: GateResult, one: GateResult) -> bool:
    """Whether a gate of the whole is that of a scenario, perhaps under a longer name."""
    return gate.said == one.said and gate.passed == one.passed and gate.name.endswith(one.name)
