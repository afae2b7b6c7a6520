"""A small market for tests of the adaptive policy: a lag behind a dead time, a level, noise, and a loop around."""

from dataclasses import dataclass, field

import numpy as np

from controller.cells import Cells
from controller.policies.pid import PidPolicy, Settings
from controller.ports import PolicyScope, Tolerance
from controller.signals import Channel, Civil, Limits, Observation, Outcome, Tick
from models.draws import Draws

LEVER = Channel("u", "share", low=0.0, high=1.0, start=0.0, safe=0.0)
HOUR = 3600.0
PERIOD = 2 * HOUR


def scope(cells=1, channel=LEVER, tolerance=None, names=None):
    names = names or tuple(f"cell-{i}" for i in range(cells))
    return PolicyScope(Cells(names), {channel.name: channel}, PERIOD, tolerance)


def banded(cells=1, band=0.1, costs=True, **rest):
    return scope(cells, tolerance=Tolerance(np.full(cells, band), 86_400.0, costs), **rest)


def auto(at=None, **settings):
    return PidPolicy(at or banded(), Settings(tune="auto", **settings))


@dataclass
class Market:
    """y = level + gain f + noise; f lags behind what was put in `dead` executions ago."""

    policy: object
    gain: object = 0.5
    lag: float = 4.0
    dead: int = 1
    level: object = 0.7
    noise: float = 0.03
    cells: int = 1
    sign: float = 1.0
    target: object = 100.0
    u: object = 0.0
    seed: int = 1
    number: int = 0
    us: list = field(default_factory=list)
    ys: list = field(default_factory=list)
    proposals: list = field(default_factory=list)

    def __post_init__(self):
        self.u = np.zeros(self.cells) + self.u
        self.f, self.line = self.u.copy(), [self.u.copy()] * (self.dead + 1)
        self.luck = np.random.default_rng(self.seed)

    def run(self, executions, **changed):
        for name, value in changed.items():
            setattr(self, name, value)
        for _ in range(executions):
            self.turn()
        return self

    def turn(self, usable=True, target=None, set_to=None):
        tick, seen, limits = self.shown(usable, target)
        proposal = self.policy.propose(tick, seen, limits, Draws(1))
        self.us.append(self.u.copy())
        self.proposals.append(proposal)
        tracked = np.full(self.cells, set_to is not None)
        self.u = proposal.value["u"].copy() if set_to is None else np.full(self.cells, float(set_to))
        self.policy.observe(Outcome(tick, seen, limits, proposal, {"u": self.u}, {"u": tracked}))
        self.line = [*self.line[1:], self.u.copy()]
        keep = np.exp(-1 / self.lag)
        self.f = keep * self.f + (1 - keep) * self.line[0]
        self.number += 1
        return proposal

    def shown(self, usable=True, target=None):
        n = self.cells
        y = self.level + self.gain * self.f + self.noise * self.luck.standard_normal(n)
        self.ys.append(y)
        r = np.zeros(n) + (self.target if target is None else target)
        hour = np.full(n, (2 * self.number) % 168)
        tick = Tick(self.number, PERIOD * self.number, PERIOD, Civil(hour, hour, hour * 1.0, hour < 0))
        mask = np.full(n, usable)
        seen = Observation(y * 100.0, r, mask, mask, {"u": self.u}, {"u": self.sign})
        nobody = {"u": np.zeros(n, np.int64)}
        bounds = ({"u": np.zeros(n)}, {"u": np.ones(n)})
        return tick, seen, Limits(*bounds, nobody, nobody, ("test",), {}, {"u": hour < 0})

    def belief(self, name):
        return self.policy.state()[f"belief.{name}"]
