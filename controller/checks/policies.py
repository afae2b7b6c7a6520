"""What every policy must keep, whatever it computes: `check_policy(MyPolicy, settings)` in a plugin's own tests.

Drives the policy through told stories of a campaign with gaps, faults, tight limits and outputs set by others, and
raises AssertionError at the first broken promise. Called by tests; calls the policy through its port and nothing else.

    pure        two calls of `propose` agree, change no state, no argument, and hand out no part of the state
    inside      every value is finite and inside the limits, also where low == high
    held        without a believable measurement the output is the value in force, as far as the limits allow
    separate    cells in one array equal as many separate runs, bit for bit
    restored    a saved state, given to a new instance, goes on with the same bits
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from controller.cells import Array
from controller.checks.campaigns import CHANNEL, Story, Turn, outcome_of
from controller.ports import Policy, PolicyScope
from controller.registry import find
from controller.signals import Proposal
from models.draws import Draws

_DRAWS = Draws(20)


def check_policy(policy: str | type[Any], settings: object) -> None:
    """Check one policy, by kind or by class, built with these settings; raises AssertionError.

    >>> from controller.policies.fixed import Settings
    >>> check_policy("fixed", Settings())
    """
    cls = find("policy", policy).cls if isinstance(policy, str) else policy
    for sign in (1.0, -1.0):
        whole = Story(("north", "south", "east"), sign)
        _separate(cls, settings, whole)
        _restored(cls, settings, whole)


def _separate(cls: type[Any], settings: object, whole: Story) -> None:
    together = list(_drive(_built(cls, settings, whole), whole))
    for i, name in enumerate(whole.cells.names):
        alone = whole.only(i)
        for turn, (both, one) in enumerate(
            zip(together, _drive(_built(cls, settings, alone), alone), strict=True)
        ):
            if not np.array_equal(both[i : i + 1], one):
                raise _broken(turn, f"cell {name} alone proposes {one[0]!r}, among others {both[i]!r}")


def _restored(cls: type[Any], settings: object, story: Story) -> None:
    one, turns = _built(cls, settings, story), list(story.turns())
    half = len(turns) // 2
    for _ in _drive(one, story, turns[:half]):
        pass
    saved = {name: np.array(array) for name, array in one.state().items()}
    for name, array in saved.items():
        if array.shape[:1] != (len(story.cells),):
            raise _broken(half, f"state {name!r} has shape {array.shape}, its first axis must be cells")
    other = _built(cls, settings, story)
    other.restore({name: array.copy() for name, array in saved.items()})
    _same(saved, other.state(), "state after restore", half)
    pairs = zip(_drive(one, story, turns[half:]), _drive(other, story, turns[half:]), strict=True)
    for turn, (went_on, began_again) in enumerate(pairs, half):
        if not np.array_equal(went_on, began_again):
            raise _broken(
                turn, f"a restored policy proposes {began_again}, the same without restart {went_on}"
            )


def _built(cls: type[Any], settings: object, story: Story) -> Policy:
    policy: Policy = cls(PolicyScope(story.cells, {CHANNEL.name: CHANNEL}, story.period), settings)
    if not isinstance(policy.version, int):
        raise _broken(0, f"version is {policy.version!r}, it must be a whole number")
    return policy


def _drive(policy: Policy, story: Story, turns: list[Turn] | None = None) -> Iterator[Array]:
    """Run a story, checking each proposal; yields the values."""
    for turn in story.turns() if turns is None else turns:
        proposal = _pure(policy, turn)
        _complete(proposal, turn)
        _inside(proposal, turn)
        _held(proposal, turn)
        yield proposal.value[CHANNEL.name].copy()
        policy.observe(outcome_of(turn, proposal))


def _pure(policy: Policy, turn: Turn) -> Proposal:
    before = {name: np.array(array) for name, array in policy.state().items()}
    first = policy.propose(turn.tick, turn.observation, turn.limits, _DRAWS)
    second = policy.propose(turn.tick, turn.observation, turn.limits, _DRAWS)
    for part in ("value", "terms", "carry", "propensity"):
        _same(getattr(first, part), getattr(second, part), f"{part} of a second call of propose", turn.number)
    for array in (*second.value.values(), *second.carry.values()):
        array.fill(0)
    _same(before, policy.state(), "state after propose", turn.number)
    return first


def _complete(proposal: Proposal, turn: Turn) -> None:
    """One array of floats for the one channel; finite terms."""
    if set(proposal.value) != {CHANNEL.name}:
        raise _broken(turn.number, f"proposes for {sorted(proposal.value)}, the loop moves {CHANNEL.name!r}")
    value = proposal.value[CHANNEL.name]
    if value.shape != turn.low.shape or value.dtype != np.float64:
        raise _broken(turn.number, f"value is {value.dtype}{value.shape}, it must be float64{turn.low.shape}")
    for name, term in proposal.terms.items():
        if not np.isfinite(term).all():
            raise _broken(turn.number, f"term {name!r} is {term}, which is not finite")


def _inside(proposal: Proposal, turn: Turn) -> None:
    value, low, high = proposal.value[CHANNEL.name], turn.low, turn.high
    if not np.isfinite(value).all():
        raise _broken(turn.number, f"proposes {value}, which is not finite")
    if not ((value >= low) & (value <= high)).all():
        raise _broken(turn.number, f"proposes {value} outside {low} to {high}")


def _held(proposal: Proposal, turn: Turn) -> None:
    value, blind = proposal.value[CHANNEL.name], ~turn.observation.usable
    expected = np.clip(turn.applied, turn.low, turn.high)
    if not np.array_equal(value[blind], expected[blind]):
        text = f"proposes {value[blind]} without a usable measurement, in force is {expected[blind]}"
        raise _broken(turn.number, text)


def _same(one: Mapping[str, Any], other: Mapping[str, Any], what: str, turn: int) -> None:
    if set(one) != set(other):
        raise _broken(turn, f"{what}: {sorted(other)}, before: {sorted(one)}")
    for name, array in one.items():
        if not np.array_equal(array, other[name], equal_nan=array.dtype.kind == "f"):
            raise _broken(turn, f"{what} differs in {name!r}: {other[name]}, before: {array}")


def _broken(turn: int, text: str) -> AssertionError:
    return AssertionError(f"turn {turn}: {text}")
