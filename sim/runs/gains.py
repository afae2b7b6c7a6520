"""A policy for comparisons: simple_pid with gains of its own in each cell.

A whole grid of gains side by side in one array, so that the best pair is found in a single run. Built by
sim.evidence.rows under its place instead of a kind; the numbers of a cell are those of `kind: simple_pid` with its
gains.
"""

from dataclasses import dataclass

import numpy as np

from controller.policies.simple_pid import Settings as One
from controller.policies.simple_pid import SimplePidPolicy
from controller.ports import PolicyScope
from models.pid.law import Law

PLACE = "sim.runs.gains:GainsPolicy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Gains, one a cell."""

    kp: tuple[float, ...]
    """Output units per unit of the measured value."""
    ki: tuple[float, ...]
    """The same per second."""


class GainsPolicy(SimplePidPolicy):
    """One simple_pid.PID a cell, each with its own gains."""

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        if not len(settings.kp) == len(settings.ki) == len(scope.cells):
            raise ValueError(
                f"one kp and one ki a cell, received {len(settings.kp)} and {len(settings.ki)} "
                f"for {len(scope.cells)} cells"
            )
        super().__init__(scope, One(kp=settings.kp[0], ki=settings.ki[0]))
        self.kp, self.ki = np.array(settings.kp), np.array(settings.ki)

    def _law(self, sign: float) -> Law:
        return Law(sign * self.kp, sign * self.ki, 0.0)
