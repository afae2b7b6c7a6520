"""Whether two lists of results are equal to the last bit."""

import numpy as np


def same(found, wanted):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert list(one) == list(other)
        for name in one:
            here, there = np.asarray(one[name]), np.asarray(other[name])
            assert (here.dtype, here.shape) == (there.dtype, there.shape), name
            assert here.tobytes() == there.tobytes(), name
