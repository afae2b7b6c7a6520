"""What things are called on the page: policies, loops, scenarios, spans of time, days, numbers.

Called by every part of the report; calls the controller's writers of values. Pure text: HTML is the template's job.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from controller.plan import Campaign
from controller.why.table import limit_of, name_of
from sim.evidence.result import RowResult, ScenarioResult

OWN, STILL, CALM = "config", "fixed", "steady"
ALWAYS = ("zero_gain", "sign_reversal")
"""Scenarios that no report leaves unmentioned."""
_HEADINGS = {
    OWN: "Your plan",
    STILL: "Doing nothing",
    "best fixed": "Best fixed value",
    "updown": "Up/down rule",
    "simple_pid": "simple-pid, tuned",
    "oracle": "Oracle",
}
_COUNTS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def heading(policy: str) -> str:
    """A policy's name at the head of its row.

    >>> heading("config"), heading("my_rule")
    ('Your plan', 'My rule')
    """
    return _HEADINGS.get(policy) or title(policy)


def word(name: str) -> str:
    """A name of the config as `why` tells it: `win_rate` -> `win-rate`."""
    return name_of(name, "en")


def guard(name: str, campaign: Campaign) -> str:
    """What is said of a limit: a guardrail's name, or what the engine's own limits are called."""
    return word(name) if name in campaign.guardrails else limit_of(name, "en").removeprefix("the ")


def title(kind: str) -> str:
    """A scenario's name.

    >>> title("zero_gain")
    'Zero gain'
    """
    return capital(kind.replace("_", " "))


def capital(text: str) -> str:
    """The text with its first letter upright."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as a sentence of its own: a capital, a full stop.

    >>> sentence("the budget holds"), sentence("")
    ('The budget holds.', '')
    """
    return text and capital(text) + ("" if text[-1] in ".!?" else ".")


def listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "future"), count(48, "gate")
    ('one future', '48 gates')
    """
    told = _COUNTS[number] if number < 2 else f"{number:,}"
    return f"{told} {noun}" + ("" if number == 1 else "s")


def weeks(number: float) -> str:
    """A length of a run.

    >>> weeks(2.0), weeks(1.0), weeks(2.5)
    ('two weeks', 'one week', '2.5 weeks')
    """
    told = _COUNTS[int(number)] if number.is_integer() and 1 <= number <= 12 else f"{number:g}"
    return f"{told} week" + ("" if number == 1 else "s")


def percent(share: float, places: int = 0) -> str:
    """A share in percent; `none` where there is none to tell.

    >>> percent(0.893), percent(float("nan"))
    ('89 %', 'none')
    """
    return f"{100 * share:.{places}f} %" if math.isfinite(share) else "none"


def day(moment: float, zone: str, year: bool = False) -> str:
    """A day in a zone.

    >>> day(1_783_872_000.0, "Asia/Shanghai", year=True)
    'Mon 13 Jul 2026'
    """
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}" + (f" {local.year}" if year else "")


def minute(moment: float, zone: str) -> str:
    """A day and its time in a zone, named."""
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return f"{day(moment, zone, year=True)} {local:%H:%M} {zone}"


def kept(campaign: Campaign) -> str:
    """What the campaign's loops keep: `sales`, `sales and visits`."""
    return listed(word(name) for name in campaign.loops)


def turned(campaign: Campaign) -> str:
    """What the campaign turns, as the best fixed one is called: `win-rate`, or `setting` for several."""
    channels = {channel for name in campaign.loops for channel in campaign.turned_by(name)}
    return word(channels.pop()) if len(channels) == 1 else "setting"


def called(policy: str, campaign: Campaign) -> str:
    """A policy within a sentence."""
    told = {
        OWN: "the plan",
        STILL: "doing nothing",
        "best fixed": f"the best fixed {turned(campaign)}",
        "updown": "the up/down rule",
        "oracle": "the oracle",
    }
    return told.get(policy, heading(policy))


def currency(campaign: Campaign) -> str | None:
    """Currency of all budgets; empty without a budget, None where they are in different ones and can't be summed."""
    found = {budget.currency for budget in campaign.budgets.values()}
    return None if len(found) > 1 else found.pop() if found else ""


def calm(scenarios: Iterable[ScenarioResult]) -> ScenarioResult | None:
    """The scenario that the verdict is taken from: the calm one, else the first that was played."""
    played = [one for one in scenarios if one.rows]
    return next((one for one in played if one.kind == CALM), played[0] if played else None)


def own(scenario: ScenarioResult) -> RowResult:
    """The plan's own row; the first one where none is called so."""
    return scenario.row(OWN) or scenario.rows[0]
