"""Markets that are wrong on purpose, each by one fitted part: a hold-out worth its name refuses every one of them.

Called by `setpoint calibrate --against wrong` and by the tests; calls the hold-out.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sim.calibration.posterior import Posterior

SHIFT = 5
"""Hours by which the wrong zone is off: US Eastern's winter hours taken for UTC's."""


def wrong(posterior: Posterior) -> Mapping[str, Posterior]:
    """Wrong markets by what is wrong with them."""
    ones = np.ones_like(posterior.dispersion)
    return {
        "no weekly profile": replace(posterior, profile=np.ones_like(posterior.profile)),
        "Poisson noise": replace(posterior, dispersion=ones, growth=0.0 * ones),
        f"wrong zone, {SHIFT} h off": replace(posterior, profile=np.roll(posterior.profile, SHIFT, axis=1)),
    }
