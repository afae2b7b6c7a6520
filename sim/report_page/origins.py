"""Where the figures come from: what was recorded, fitted and modelled, the luck, and how to get them again.

Called by content; calls names.
"""

import re
from dataclasses import dataclass

from sim.evidence.result import Evidence
from sim.report_page.names import capital, count, listed, minute, sentence, weeks

_PARTS = re.compile(r"\b(Recorded|Fitted|Modelled):\s*")


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is to be said of it."""

    name: str
    text: str
    code: bool = False
    """A line to be typed."""


def statement(evidence: Evidence) -> list[Fact]:
    """The statement's parts, each under its own word; in one piece where it has no such words."""
    first, *rest = _PARTS.split(evidence.statement)
    found = [Fact("Of the market", first.strip())] if first.strip() else []
    return found + [
        Fact(name, sentence(text.strip())) for name, text in zip(rest[::2], rest[1::2], strict=True)
    ]


def facts(evidence: Evidence, now: float, command: str, points: int, of: int) -> list[Fact]:
    """How the figures were made, and how to make them again."""
    e = evidence
    fitted = (
        f'Calibrated: "{e.calibrated}".' if e.calibrated else "Not calibrated: how people answer is assumed."
    )
    thinned = f"{points} of {of} points in time" if points < of else f"all {of} points in time"
    return [
        Fact("Market", fitted),
        Fact("Futures", f"{e.futures}, for each policy in each scenario: {_product(e)}."),
        Fact("Length", f"{capital(weeks(e.weeks))} each."),
        Fact("Root of all luck", f"Seed {e.seed}."),
        Fact("Charts", f"They show {thinned}, to what a screen can show. Tables are rounded in print alone."),
        Fact("Made", f"{minute(now, e.campaign.runs.timezone)}, by Setpoint {sentence(e.version)}"),
        Fact("To get it again", command or _command(e), code=True),
    ]


def _product(evidence: Evidence) -> str:
    """What the futures are the product of."""
    e = evidence
    markets = count(e.draws, "posterior draw" if e.calibrated else "assumed market")
    named = listed(name.replace("_", " ") for name in e.mechanisms)
    ways = f"{count(len(e.mechanisms), 'way')} to answer, which the literature disagrees about ({named})"
    parts = [markets, *([ways] if e.mechanisms else []), f"{count(e.seeds, 'seed')} of luck"]
    return f"{' × '.join(parts)}. Futures of one seed, and all policies, meet the same luck"


def _command(evidence: Evidence) -> str:
    e = evidence
    market = " --market MARKET.json" if e.calibrated else ""
    kinds = ",".join(one.kind for one in e.scenarios)
    return (
        f"setpoint simulate CAMPAIGN.yaml{market} --scenarios {kinds} --weeks {e.weeks:g} --draws {e.draws} "
        f"--seeds {e.seeds} --seed {e.seed}"
    )
