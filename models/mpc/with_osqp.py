"""The same programmes by OSQP, one cell after the other: the peer that qp.py is checked against.

Operator splitting (Stellato and others, Mathematical Programming Computation 12 (2020) 637-672), to 1e-8 with
polishing; rho is adapted at fixed rounds and no clock is asked, so that the answer is the same each time. Needs the
extra `mpc`. Called by benchmarks and tests; calls osqp.
"""

import numpy as np
from numpy.typing import NDArray

from models.mpc.qp import Programme

Array = NDArray[np.float64]
SETTINGS = {
    "eps_abs": 1e-8, "eps_rel": 1e-8, "polishing": True, "adaptive_rho_interval": 25, "max_iter": 200_000,
    "verbose": False,
}  # fmt: skip


def solved(programme: Programme, slope: Array, low: Array, high: Array, slew: Array) -> Array:
    """As Programme.solved; RuntimeError where a cell is not solved, ImportError without the extra."""
    try:
        import osqp
    except ImportError as fault:
        raise ImportError("osqp is not there: pip install 'setpoint[mpc]'") from fault
    from scipy.sparse import csc_matrix

    size = len(programme.hessian)
    rows = csc_matrix(np.concatenate([np.eye(size), programme.steps]))
    found = np.empty_like(slope)
    for cell in range(len(slope)):
        ends = np.concatenate([low[cell], -slew[cell]]), np.concatenate([high[cell], slew[cell]])
        one = osqp.OSQP()
        one.setup(csc_matrix(np.triu(programme.hessian)), slope[cell], rows, *ends, **SETTINGS)
        answer = one.solve(raise_error=False)
        if answer.info.status_val != 1:
            raise RuntimeError(f"osqp: cell {cell}: {answer.info.status}")
        found[cell] = answer.x
    return found
