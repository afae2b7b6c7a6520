"""What policy tests share: a loop of one channel in the hand, without loop, clock or store."""

from dataclasses import dataclass, field

import numpy as np

from controller.cells import Cells
from controller.ports import PolicyScope
from controller.signals import Channel, Civil, Limits, Observation, Outcome, Tick
from models.draws import Draws

CHANNEL = Channel("u", "count", low=0.0, high=1.0, start=0.2, safe=0.0)


def scope(cells=1, channel=CHANNEL):
    return PolicyScope(Cells(tuple(f"cell-{i}" for i in range(cells))), {channel.name: channel}, 1.0)


def wide(value, cells):
    return np.broadcast_to(np.asarray(value, float), (cells,)).copy()


@dataclass
class Play:
    """Drives one policy; what is applied is what it proposed, unless somebody else sets a value."""

    policy: object
    cells: int = 1
    applied: object = 0.2
    low: object = 0.0
    high: object = 1.0
    sign: float = 1.0
    number: int = 0
    proposals: list = field(default_factory=list)

    def propose(self, y, r=1.0, dt=1.0, usable=True, fresh=True, feedforward=None):
        n = self.cells
        zeros = np.zeros(n, np.int64)
        tick = Tick(self.number, float(self.number), dt, Civil(zeros, zeros, zeros * 1.0, zeros > 0))
        ff = {} if feedforward is None else {"u": wide(feedforward, n)}
        mask = [np.broadcast_to(np.asarray(m, bool), (n,)).copy() for m in (usable, fresh)]
        seen = Observation(wide(y, n), wide(r, n), *mask, {"u": wide(self.applied, n)}, {"u": self.sign}, ff)
        none = {"u": zeros}
        limits = Limits(
            {"u": wide(self.low, n)}, {"u": wide(self.high, n)}, none, none, ("test",), {}, {"u": zeros > 0}
        )
        return tick, seen, limits, self.policy.propose(tick, seen, limits, Draws(1))

    def turn(self, y, r=1.0, *, set_to=None, **rest):
        """One execution; `set_to` is somebody else's value, NaN in cells where nobody interferes."""
        tick, seen, limits, proposal = self.propose(y, r, **rest)
        intruder = wide(np.nan if set_to is None else set_to, self.cells)
        tracking = np.isfinite(intruder)
        self.applied = np.where(tracking, intruder, proposal.value["u"])
        self.policy.observe(Outcome(tick, seen, limits, proposal, {"u": self.applied}, {"u": tracking}))
        self.number += 1
        self.proposals.append(proposal)
        return proposal.value["u"].copy()
