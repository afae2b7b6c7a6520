"""Every guardrail on disk keeps the contract, and its manual's example is a guardrail that can be built."""

import re

import numpy as np
import pytest

from controller.checks.guardrails import check_guardrail
from controller.config.typed import typed
from controller.config.yaml12 import read
from controller.guardrails import bounds, budget, published_terms, reversals, slew
from controller.quantities import Amount, Rate
from controller.registry import find, kinds
from controller.signals import Bound

VARIANTS = [
    bounds.Settings(low=Amount.parse("4%")),
    bounds.Settings(low=Amount.parse("5%"), high=Amount.parse("5%")),
    slew.Settings(step=Amount.parse("0.5 points")),
    slew.Settings(step=Amount.parse("2 points"), per=6 * 3600.0),
    reversals.Settings(at_most=Rate.parse("0 per day")),
    reversals.Settings(at_most=Rate.parse("2 per day")),
    budget.Settings(taper=0.0, tolerance=0.0),
    budget.Settings(taper=1.0, blind_after=0.0, count_from="first_reading"),
    published_terms.Settings(profile="cn", published_win_rate=0.04, lists_cells=True),
    published_terms.Settings(profile="cn", published_win_rate=0.03, ratchet="up_only", lists_cells=True),
    published_terms.Settings(profile="us", published_win_rate=0.05),
    published_terms.Settings(profile="none"),
]


def example(kind):
    """Settings as the manual's YAML gives them."""
    member = find("guardrail", kind)
    snippet = re.search(r"```yaml\n(.*?)```\s*$", member.manual, re.DOTALL)
    assert snippet, f"the docstring of {kind} does not end in a YAML example"
    ((_, keys),) = read(snippet[1]).value["guardrails"].items()
    assert keys.pop("kind") == kind
    keys.pop("on", None)
    faults = []
    settings = typed(member.settings, keys, ("guardrails", kind), faults)
    assert faults == []
    return settings


@pytest.mark.parametrize("kind", kinds("guardrail"))
def test_the_example_of_the_manual_keeps_the_contract(kind):
    check_guardrail(kind, example(kind))


@pytest.mark.parametrize("settings", VARIANTS, ids=repr)
def test_other_settings_keep_it_too_over_pools_of_many_cells(settings):
    check_guardrail(type(settings).__module__.rpartition(".")[2], settings, sizes=(2, 1, 3))


class Muddled(slew.SlewGuardrail):
    rank = "important"


class Curious(slew.SlewGuardrail):
    def __init__(self, scope, settings):
        super().__init__(scope, settings)
        self.needs = ("mood.output",)


class Restless(slew.SlewGuardrail):
    calls = 0

    def limit(self, context):
        self.calls += 1
        return [Bound("output", np.full(len(context.facts["applied.output"]), 0.001 * self.calls), why="so")]


class Meddling(slew.SlewGuardrail):
    def limit(self, context):
        context.facts["applied.output"][:] = 0
        return []


class Sociable(slew.SlewGuardrail):
    def limit(self, context):
        count = len(context.facts["applied.output"])
        return [Bound("output", high=np.full(count, 0.12 / count), why="so")]


class Careless(budget.BudgetGuardrail):
    def limit(self, context):
        age = context.signals["paid"].age(context.tick.time)
        return [Bound("output", high=np.minimum(0.03 + 1e-7 * age, 0.12), why="so")]


class Silent(slew.SlewGuardrail):
    def limit(self, context):
        return [Bound("output", high=np.full(len(context.facts["applied.output"]), 0.1))]


class Fickle(slew.SlewGuardrail):
    def limit(self, context):
        return super().limit(context) * (context.tick.index % 2)


@pytest.mark.parametrize(
    ("guardrail", "promise"),
    [
        (Muddled, "its class is 'important'"),
        (Curious, "no campaign keeps"),
        (Restless, "two calls differ"),
        (Sociable, "alone, and among others"),
        (Careless, "leaves more room"),
        (Silent, "does not say why"),
        (Fickle, "at first it spoke"),
    ],
)
def test_the_check_finds_a_broken_promise(guardrail, promise):
    settings = budget.Settings() if guardrail is Careless else slew.Settings()
    with pytest.raises(AssertionError, match=promise):
        check_guardrail(guardrail, settings)


def test_the_check_finds_a_changed_argument():
    with pytest.raises(ValueError, match="read-only"):
        check_guardrail(Meddling, slew.Settings())
