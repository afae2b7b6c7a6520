"""Every policy on disk keeps the contract, and its manual's example is a policy that can be built."""

import re

import pytest
import yaml

from controller.checks.policies import check_policy
from controller.config.typed import typed
from controller.policies import fixed, pid, simple_pid, updown
from controller.quantities import Amount
from controller.registry import find, kinds

VARIANTS = [
    fixed.Settings(),
    fixed.Settings(value=Amount.parse("7%")),
    updown.Settings(),
    updown.Settings(step=Amount.parse("2 points"), deadband=0.1),
    pid.Settings(gain=2.0),
    pid.Settings(gain=2.0, integral_time=7200.0, derivative_time=1800.0, tracking_time=0.0),
    pid.Settings(
        gain=1.0, integral_time=7200.0, deadband_above=0.05, deadband_below=0.1, setpoint_weight=0.4
    ),
    pid.Settings(
        gain=1.0, integral_time=9000.0, anti_windup="conditional", derivative_time=60.0, derivative_weight=0.5
    ),
    pid.Settings(form="parallel", kp=1e-4, ki=1e-8, kd=0.01, anti_windup="clamp"),
    pid.Settings(gain=2.0, integral_time=7200.0, measurement_filter=5000.0, despike=True),
    pid.Settings(
        schedule=pid.Schedule(
            by="measured",
            points=(
                pid.Point(at=Amount.parse("60%"), gain=3.0, integral_time=7200.0),
                pid.Point(at=Amount.parse("120%"), gain=1.0, integral_time=3600.0),
            ),
        ),
        derivative_time=900.0,
        measurement_filter=5000.0,
    ),
    pid.Settings(
        schedule=pid.Schedule(
            points=(pid.Point(at=Amount.parse("3%"), gain=3.0), pid.Point(at=Amount.parse("12%"), gain=1.0)),
        ),
        integral_time=9000.0,
        setpoint_weight=0.5,
    ),
    pid.Settings(form="parallel", kp=1e-4, ki=1e-8, anti_windup="clamp", derivative_filter=0, bumpless=False),
    simple_pid.Settings(kp=1e-4, ki=1e-8, kd=0.01),
    simple_pid.Settings(
        kp=1e-4, ki=1e-8, proportional_on_measurement=True, differential_on_measurement=False
    ),
    simple_pid.Settings(kp=1e-4, ki=1e-8, starting_output=Amount.parse("9%")),
]


def example(kind):
    """Settings as the manual's YAML gives them."""
    member = find("policy", kind)
    snippet = re.search(r"```yaml\n(.*?)```\s*$", member.manual, re.DOTALL)
    assert snippet, f"the docstring of {kind} does not end in a YAML example"
    keys = yaml.safe_load(snippet[1])["policy"]
    assert keys.pop("kind") == kind
    faults = []
    settings = typed(member.settings, keys, ("policy",), faults)
    assert faults == []
    return settings


@pytest.mark.parametrize("kind", kinds("policy"))
def test_the_example_of_the_manual_keeps_the_contract(kind):
    check_policy(kind, example(kind))


@pytest.mark.parametrize("settings", VARIANTS, ids=repr)
def test_other_settings_keep_it_too(settings):
    check_policy(type(settings).__module__.rpartition(".")[2], settings)


class Broken(updown.UpdownPolicy):
    """A policy that breaks one promise; which one, its subclass says."""


class Restless(Broken):
    def propose(self, *given):
        self.step *= 1.01
        return super().propose(*given)


class Careless(Broken):
    def propose(self, tick, observation, limits, draws):
        proposal = super().propose(tick, observation, limits, draws)
        proposal.value["output"][:] += 0.01
        return proposal


class Sociable(Broken):
    def _side(self, seen):
        return super()._side(seen) * (1.0 if len(seen.fresh) > 1 else 0.5)


class Credulous(Broken):
    def _side(self, seen):
        return 1.0 + 0.0 * seen.setpoint


class Forgetful(Broken):
    def observe(self, outcome):
        self.step *= 1.01


@pytest.mark.parametrize(
    ("policy", "promise"),
    [
        (Restless, "second call of propose"),
        (Careless, "outside|in force"),
        (Sociable, "alone proposes"),
        (Credulous, "without a usable measurement"),
        (Forgetful, "restored policy"),
    ],
)
def test_the_check_finds_a_broken_promise(policy, promise):
    with pytest.raises(AssertionError, match=promise):
        check_policy(policy, updown.Settings())
