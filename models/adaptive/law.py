"""From what is believed to a move: what is foretold if nothing is done, and what the gap to the aim asks for.

    move = (aim - foretold) / (gain answer)

`foretold` is the mean over the horizon of what would be measured if the input stayed: the disturbance as the filter
knows it, what is already under way, and what the input in force will still do. So the dead time is compensated as in
Smith's predictor (Chemical Engineering Progress 53 (1957) 217-219), and the disturbance is the integral part: at rest
foretold = measured, and the output moves until that is the aim. It is a PI controller of gain 1 / (gain answer) in
observer form. The gain divided by is raised until Ms is within bounds for most of what is believed. Pure.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.adaptive.bank import AT, GAIN, LEVEL, WEATHER, WORN, Bank, Prior
from models.adaptive.margins import Table, weather_ahead
from models.adaptive.plants import Array, Plants

MASS = 0.9
"""Share of what is believed in which it must hold."""
CAUTION = 0.3
"""Share of the variance of a gain that counts as gain."""


def foretold(bank: Bank, plants: Plants, prior: Prior, stays: Array) -> Array:
    """Mean over each plant's horizon of the measured value if the input stays at `stays`; shape (plants, cells)."""
    coming = plants.stays * bank.f + plants.answer * stays
    for n in range(plants.past):
        coming = coming + plants.coming[:, n : n + 1] * bank.past[n]
    mean = bank.mean
    settled = mean[LEVEL] + weather_ahead(plants, prior) * mean[WEATHER] + mean[WORN] * bank.g
    return np.asarray(settled + mean[GAIN] * coming)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the law asks for, shape (cells,)."""

    move: Array
    """Of the input, as a share of the range."""
    present: Array
    """The part of it that is the present gap, without forecast."""
    needed: Array
    """The move before the gain was raised for the sake of margins: what the output is off by."""
    gain: Array
    """Gain in use, share of the target per range."""
    ms: Array
    """Largest sensitivity at that gain, for the plant believed most and its gain one deviation higher."""
    plant: NDArray[np.int64]
    """The plant believed most."""


def asked(
    bank: Bank, plants: Plants, prior: Prior, margins: Table, at: tuple[Array, Array, Array], least: float
) -> Asked:
    """The move from what is believed.

    at: aim and measured value, shares of the target, and the input in force, shape (cells,).
    least: gain that is never gone below, so that a lever of no effect is not turned without end.
    """
    aim, measured, stays = at
    plant = bank.weights.argmax(axis=0)
    chosen = plant[None]
    mean, sd = bank.mean[GAIN], np.sqrt(bank.cov[AT[GAIN, GAIN]])
    mine, spread = (np.take_along_axis(each, chosen, axis=0)[0] for each in (mean, sd))
    ahead = np.take_along_axis(foretold(bank, plants, prior, stays), chosen, axis=0)[0]
    answer = plants.answer[plant, 0]
    # cautious control (Astrom & Wittenmark 1995, sec. 7.4): a gain that is not known counts as higher
    cautious = np.maximum(np.sqrt(np.maximum(mine, 0.0) ** 2 + CAUTION * spread**2), least)
    gain = np.maximum(cautious, _needed(bank.weights, mean + sd, margins.most[plant].T))
    ms = margins.at(plant, (mine + spread) / gain)
    gap = aim - ahead
    return Asked(
        gap / (gain * answer), (aim - measured) / (gain * answer), gap / (cautious * answer), gain, ms, plant
    )


def _needed(weights: Array, higher: Array, most: Array) -> Array:
    """The least gain in use at which MASS of the plants, (plants, cells), keep their margins; shape (cells,)."""
    wanted = np.maximum(higher, 0.0) / most
    order = np.argsort(wanted, axis=0, kind="stable")
    mass = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    place = np.minimum((mass < MASS).sum(axis=0), len(wanted) - 1)[None]
    return np.asarray(np.take_along_axis(np.take_along_axis(wanted, order, axis=0), place, axis=0)[0])
