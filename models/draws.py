"""Keyed draws: chance without generator state.

Every uniform is a pure function of (root seed, cell key, tick, channel, ordinal), so a draw does not depend on the
order in which cells, ticks or policies ask, nor on how an array is cut into chunks. Policies and the simulated market
share this one source. Called by policies (through `Draws`) and by plants; calls nothing; never keeps state.

The hash is the finaliser of splitmix64 (Steele, Lea & Flood, OOPSLA 2014, fig. 16) applied in a chain, one round a
key, with 64-bit words throughout; the top 53 bits make the uniform.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Uint64 = NDArray[np.uint64]
Floats = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_MASK = (1 << 64) - 1


def mix(word: Uint64) -> Uint64:
    """Finalise 64-bit words, shape kept (splitmix64, fig. 16).

    >>> hex(int(mix(np.array([1], np.uint64))[0]))
    '0x910a2dec89025cc1'
    """
    word = word + _GOLDEN
    word = (word ^ (word >> np.uint64(30))) * _MIX_1
    word = (word ^ (word >> np.uint64(27))) * _MIX_2
    return word ^ (word >> np.uint64(31))


def key_of(name: str) -> int:
    """The stable 64-bit key of a name: first 8 bytes of its BLAKE2b digest, little endian.

    >>> key_of("store-1") == key_of("store-1"), key_of("store-1") == key_of("store-2")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def keys_of(names: tuple[str, ...]) -> Uint64:
    """Keys of many names, shape (names,)."""
    return np.array([key_of(name) for name in names], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Draws:
    """Uniforms keyed by (seed, cell key, tick, channel, ordinal).

    Parameters
    ----------
    seed: root seed, any non-negative integer below 2**64; recorded in the journal.

    >>> draws = Draws(7)
    >>> keys = keys_of(("north", "south"))
    >>> whole = draws.uniform(keys, tick=3, channel="demand")
    >>> part = draws.uniform(keys[1:], tick=3, channel="demand")
    >>> bool(whole[1] == part[0]), bool(((whole >= 0) & (whole < 1)).all())
    (True, True)
    """

    seed: int

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= _MASK:
            raise ValueError(f"seed must be an integer from 0 to 2**64-1, received {self.seed!r}")

    def words(self, keys: Uint64, tick: int, channel: str, ordinal: int = 0) -> Uint64:
        """Random 64-bit words, one a key, shape of `keys`."""
        head = _scalar_mix(_scalar_mix(self.seed) ^ key_of(channel))
        head = _scalar_mix(_scalar_mix(head ^ (tick & _MASK)) ^ (ordinal & _MASK))
        return mix(mix(keys ^ np.uint64(head)) + np.uint64(head))

    def uniform(self, keys: Uint64, tick: int, channel: str, ordinal: int = 0) -> Floats:
        """Uniforms on [0, 1) with 53 random bits, one a key, shape of `keys`."""
        return (self.words(keys, tick, channel, ordinal) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def spawn(self, name: str) -> "Draws":
        """An independent source below this one, named (a replica, the market, a policy)."""
        return Draws(_scalar_mix(self.seed ^ key_of(name)))


def _scalar_mix(word: int) -> int:
    """`mix` on one Python integer; same bits, no overflow warning."""
    word = (word + int(_GOLDEN)) & _MASK
    word = ((word ^ (word >> 30)) * int(_MIX_1)) & _MASK
    word = ((word ^ (word >> 27)) * int(_MIX_2)) & _MASK
    return word ^ (word >> 31)
