"""What arithmetic depends on beside the program itself: versions, platform, the processor's features that numpy uses.

Called by life.py for each `start` row and by the simulator's replay, which promises equal bits only where the two
fingerprints are equal. Looks at installed metadata; imports none of the libraries that it names but numpy.
"""

import hashlib
import platform
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

import numpy as np

_NAME_ENDS = frozenset(" <>=!~;[(")
COUNTED = ("setpoint", "numpy", "scipy", "simple-pid")
"""Distributions whose arithmetic decides, named one by one; all that setpoint requires are in the lock."""


@lru_cache(maxsize=1)
def fingerprint() -> Mapping[str, Any]:
    """Small JSON: the same on two machines that must give the same bits.

    >>> sorted(fingerprint())
    ['cpu', 'libc', 'lock', 'machine', 'python', 'versions']
    """
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "versions": {name: _version(name) for name in COUNTED},
        "lock": _lock(),
        "cpu": _features(),
    }


def _features() -> list[str]:
    """Those for which numpy has kernels and which it uses here; `NPY_DISABLE_CPU_FEATURES` takes some away."""
    known: Mapping[str, Any] = np.show_config(mode="dicts")
    return sorted(known.get("SIMD Extensions", {}).get("found", ()))


def _lock() -> str:
    """Digest of the names and versions of what setpoint requires, as installed."""
    try:
        wanted = [_name(line) for line in requires("setpoint") or () if "extra ==" not in line]
    except PackageNotFoundError:
        wanted = []
    lines = sorted(f"{name}=={_version(name)}" for name in wanted)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _name(requirement: str) -> str:
    """The distribution's name in a requirement.

    >>> _name("simple-pid<3,>=2"), _name("uvicorn>=0.30"), _name("tzdata")
    ('simple-pid', 'uvicorn', 'tzdata')
    """
    end = next((at for at, letter in enumerate(requirement) if letter in _NAME_ENDS), len(requirement))
    return requirement[:end]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
