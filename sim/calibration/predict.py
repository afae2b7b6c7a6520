"""What a fitted market would have shown: counts over days that it has not seen, one history a replica.

    counts ~ NB(rate x factor(AR(1)), D factor^growth)

The plant's own disturbance and count law, hour by hour, at the posterior's rates, with every lever off: the market that
a simulation stands on. Called by the hold-out; calls models.response.disturbance and models.counts.
"""

import numpy as np

from controller.cells import Array, Ints
from models.counts import MOST_DISPERSED, negative_binomial
from models.draws import Draws
from models.response import disturbance
from sim.calibration.posterior import Posterior

_HOUR = 3600.0


def histories(
    posterior: Posterior, first: int, days: int, replicas: int, draws: Draws, slots: int = 24
) -> Array:
    """Counts of `replicas` histories, replica n under draw n mod draws; shape (replicas, days, slots).

    first: ordinal of the first day. Hours are civil hours; days of 23 or 25 hours are taken as 24.
    """
    draw: Ints = np.arange(replicas) % posterior.draws
    hour = np.arange(days * 24)
    ordinal = first + hour // 24
    rate = posterior.rate(draw[:, None], ordinal[None, :], ((ordinal - 1) % 7 * 24 + hour % 24)[None, :])
    factor = _factors(posterior, draw, len(hour), draws)
    spread = np.clip(
        posterior.dispersion[draw, None] * factor ** posterior.growth[draw, None], 1.0, MOST_DISPERSED
    )
    keys = np.arange(replicas, dtype=np.uint64)
    u = np.stack([draws.uniform(keys, int(n), "count") for n in hour], axis=1)
    counts = negative_binomial(u, rate * factor, spread).reshape(replicas, days, 24)
    return counts if slots == 24 else counts.sum(axis=2, keepdims=True)


def _factors(posterior: Posterior, draw: Ints, hours: int, draws: Draws) -> Array:
    """Factor of the disturbance in each hour, from its stationary law on; shape (replicas, hours)."""
    keys = np.arange(len(draw), dtype=np.uint64)
    sd, half_life = posterior.sd[draw], posterior.half_life[draw]
    factors = np.empty((len(draw), hours))
    state = disturbance.ar1(
        np.zeros(len(draw)), draws.uniform(keys, -1, "disturbance"), sd, np.zeros_like(sd), _HOUR
    )
    for hour in range(hours):
        state = disturbance.ar1(state, draws.uniform(keys, hour, "disturbance"), sd, half_life, _HOUR)
        factors[:, hour] = disturbance.factor(state, sd)
    return factors
