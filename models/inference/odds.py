"""Wins against the odds that were in force: a draw that pays too often or too seldom shows itself, at every look.

For each tilt d of a fixed set, of both signs, a gambler believes that the odds of each draw were q instead of p:

    q = p e^d / (1 - p + p e^d)        M_d = prod (q / p)^win ((1 - q) / (1 - p))^loss        M = mean over d of M_d

Each M_d is a product of likelihood ratios, so under the true odds it has mean 1 whatever rule set the next odds, and M
passes 1 / alpha with probability alpha or less, ever (Ville's inequality; Ramdas, Grunwald, Vovk & Shafer, Statistical
Science 38 (2023) 576-601, sections 2 and 3). Odds may change from draw to draw. A win at odds 0, or none at odds 1, is
impossible and needs no statistics: it is counted apart, and the evidence is infinite.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from models.inference.checks import Array, between

TILTS = tuple(sign * size for size in (0.03, 0.1, 0.3, 1.0) for sign in (-1.0, 1.0))
"""d on trial, as logs of an odds ratio: 3 % to 170 % too often, and as much too seldom. Proposal; any set is valid."""


@dataclass(frozen=True, slots=True, eq=False)
class Wins:
    """What streams of draws say so far, shape (streams,); never changed, only replaced.

    >>> one = Wins.none((1,)).seen(np.full((1, 1000), 0.03), [np.arange(1000) % 20 == 0])
    >>> float(one.won[0]), round(float(one.expected[0]), 6), round(float(one.evidence()[0]), 2)
    (50.0, 30.0, 2.58)
    """

    draws: Array
    won: Array
    expected: Array
    """Sum of the odds."""
    logs: Array
    """log M_d, shape (streams, tilts)."""
    highest: Array
    """Largest log M at any look so far."""
    impossible: Array
    """Wins at odds 0 and losses at odds 1."""

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> "Wins":
        """No draw yet."""
        draws, won, expected, highest, impossible = (np.zeros(shape) for _ in range(5))
        return cls(draws, won, expected, np.zeros((*shape, len(TILTS))), highest, impossible)

    def seen(self, odds: ArrayLike, won: ArrayLike) -> "Wins":
        """With more draws, shape (streams, draws): the odds in force, and whether each was won (0, 1 or bool).

        Raises
        ------
        ValueError: odds missing or out of 0..1; wins other than 0 and 1; shapes that differ.
        """
        p, w = between("odds", odds, 0.0, 1.0), between("won", won, 0.0, 1.0)
        if p.shape != w.shape or p.shape[:-1] != self.draws.shape:
            raise ValueError(
                f"odds, won: received {p.shape}, {w.shape}, allowed is one shape (streams, draws)"
            )
        if ((w != 0) & (w != 1)).any():
            raise ValueError("won: received a number between 0 and 1, allowed are 0 and 1")
        wrong = ((p == 0) & (w == 1)) | ((p == 1) & (w == 0))
        logs = self.logs + np.stack([_log(p, w, wrong, tilt) for tilt in TILTS], axis=-1)
        highest = np.maximum(self.highest, _mean(logs))
        sums = [each.sum(axis=-1) for each in (np.ones_like(p), w, p, wrong)]
        draws, wins, expected, impossible = sums
        return Wins(
            self.draws + draws,
            self.won + wins,
            self.expected + expected,
            logs,
            highest,
            self.impossible + impossible,
        )

    def evidence(self) -> Array:
        """log M now, shape (streams,); inf after something impossible."""
        return np.where(self.impossible > 0, np.inf, _mean(self.logs))

    def p_value(self) -> Array:
        """Probability or less that true odds would ever have looked this bad at some look; valid at every look."""
        return np.where(self.impossible > 0, 0.0, np.exp(-self.highest))


def _log(p: Array, won: Array, wrong: Array, tilt: float) -> Array:
    """log of the likelihood ratio, summed over draws: tilt x wins - sum log(1 - p + p e^tilt)."""
    parts = tilt * won - np.log1p(p * np.expm1(tilt))
    return np.asarray(np.where(wrong, 0.0, parts).sum(axis=-1))


def _mean(logs: Array) -> Array:
    most = logs.max(axis=-1, keepdims=True)
    return np.asarray(most[..., 0] + np.log(np.exp(logs - most).mean(axis=-1)))
