"""Purchase incidence: every person buys at random at a rate of their own, and rates differ by a gamma law.

    P(X(t) = k) = Gamma(r + k) / (Gamma(r) k!)  (alpha / (alpha + t))^r  (t / (alpha + t))^k

The negative binomial law of repeat purchase (Ehrenberg, Applied Statistics 8, 1959). It holds well in stationary
markets; a review of 62 categories finds small steady deviations. Time is in the unit of `alpha`. The law stands in
nbd_law.py, its fits in nbd_fit.py, the rates of segments and persons in gamma_rates.py; whoever needs any of them
asks here. Called by plants, agents and calibration.
"""

from models.response.gamma_rates import rate, segments
from models.response.nbd_fit import fit, fit_moments, fit_penetration, log_likelihood
from models.response.nbd_law import buyers, mean, next_mean, penetration, pmf
from models.response.parameter import Parameter

__all__ = [
    "ALPHA",
    "SHAPE",
    "buyers",
    "fit",
    "fit_moments",
    "fit_penetration",
    "log_likelihood",
    "mean",
    "next_mean",
    "penetration",
    "pmf",
    "rate",
    "segments",
]

SHAPE = Parameter(
    0.717,
    0.2,
    2.0,
    "1",
    "fit to a year of soft-drink trips of the 2,469 households of Complete Journey, of whom 206 made none; 0.574 from "
    "its buyers alone, 0.779 for toothpaste (penetration .56, 2.6 purchases a buyer); the range is a proposal",
)
ALPHA = Parameter(
    16.3,
    2.0,
    100.0,
    "days",
    "the same fit: 16.1 trips a household in 365 days; the range, snacks to household goods, is a proposal",
)
