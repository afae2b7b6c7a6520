"""Keyed draws: chance without generator state.

Every uniform is a pure function of (root seed, cell key, tick, channel, ordinal), so a draw does not depend on the
order in which cells, ticks or policies ask, nor on how an array is cut into chunks. Policies and the simulated market
share this one source. Called by policies (through `Draws`) and by plants; calls nothing; never keeps state.

The hash is the finaliser of splitmix64 (Steele, Lea & Flood, OOPSLA 2014, fig. 16) applied in a chain, one round a
key, with 64-bit words throughout; the top 53 bits make the uniform. A word of `Draws` is also the head of a stream, for
markets of single consumers: `numbered` is the generator splitmix64 itself, started at the head and read at any place,
and `Stretch` is the same for runs of places, in place; `personal` takes ids of any kind and costs a round more.
"""

import hashlib
import sys
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Uint64 = NDArray[np.uint64]
Floats = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_MASK = (1 << 64) - 1
_FEW = 4
"""So many words or fewer are faster one by one than as an array."""


def mix(word: Uint64) -> Uint64:
    """Finalise 64-bit words, shape kept (splitmix64, fig. 16).

    >>> hex(int(mix(np.array([1], np.uint64))[0]))
    '0x910a2dec89025cc1'
    """
    word = np.asarray(word + _GOLDEN)  # a new array, so what follows may be done in place
    word ^= word >> np.uint64(30)
    word *= _MIX_1
    word ^= word >> np.uint64(27)
    word *= _MIX_2
    word ^= word >> np.uint64(31)
    return word


@lru_cache(maxsize=4096)
def key_of(name: str) -> int:
    """The stable 64-bit key of a name: first 8 bytes of its BLAKE2b digest, little endian.

    >>> key_of("store-1") == key_of("store-1"), key_of("store-1") == key_of("store-2")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def keys_of(names: tuple[str, ...]) -> Uint64:
    """Keys of many names, shape (names,)."""
    return np.array([key_of(name) for name in names], dtype=np.uint64)


def uniforms(words: Uint64) -> Floats:
    """Uniforms on [0, 1) from the top 53 bits of words, shape kept.

    >>> uniforms(np.array([0, 2**63], np.uint64))
    array([0. , 0.5])
    """
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def numbered(heads: Uint64, numbers: Uint64) -> Uint64:
    """Word number n, from 0, of the splitmix64 stream that starts at a head; shapes broadcast.

    >>> numbered(np.array([1234567], np.uint64), np.arange(2, dtype=np.uint64))
    array([6457827717110365317, 3203168211198807973], dtype=uint64)
    """
    return mix(heads + numbers * _GOLDEN)


def personal(heads: Uint64, ids: Uint64, ordinals: Uint64 | None = None) -> Uint64:
    """A word for each id, and for each of its ordinals, under its head; shapes broadcast.

    >>> head, ids = np.array([7], np.uint64), np.array([1, 2], np.uint64)
    >>> bool((personal(head, ids, np.array([0], np.uint64)) == personal(head, ids)).all())
    True
    """
    own = mix(ids ^ heads) + heads
    return mix(own if ordinals is None else own + ordinals * _GOLDEN)


class Stretch:
    """Words of many streams, side by side and in place: `numbered` without a new array.

    Parameters
    ----------
    room: words it can hold.

    >>> heads = np.array([7, 8], np.uint64)
    >>> bool((Stretch(6).fill(heads, first=5, count=3)[1] == numbered(heads[1], np.arange(5, 8, dtype="u8"))).all())
    True
    """

    def __init__(self, room: int) -> None:
        self._steps = np.arange(room, dtype=np.uint64) * _GOLDEN + _GOLDEN
        self._words, self._shifted = np.empty(room, np.uint64), np.empty(room, np.uint64)

    def fill(self, heads: Uint64, first: int, count: int) -> Uint64:
        """Words number first .. first + count - 1 of each head, shape (heads, count); good until the next call."""
        size, shape = heads.size * count, (heads.size, count)
        word, half = self._words[:size].reshape(shape), self._shifted[:size].reshape(shape)
        start = heads + np.uint64(first * int(_GOLDEN) & _MASK)
        np.add(start[:, None], self._steps[:count], out=word)
        for shift, factor in ((np.uint64(30), _MIX_1), (np.uint64(27), _MIX_2)):
            np.right_shift(word, shift, out=half)
            np.bitwise_xor(word, half, out=word)
            np.multiply(word, factor, out=word)
        np.right_shift(word, np.uint64(31), out=half)
        return np.bitwise_xor(word, half, out=word)


def lanes(words: Uint64) -> NDArray[np.uint16]:
    """The four 16-bit lanes of each word, lowest first: (..., n) contiguous -> (..., 4 n), a view.

    >>> lanes(np.array([0x0004000300020001], np.uint64))
    array([1, 2, 3, 4], dtype=uint16)
    """
    if sys.byteorder == "big":
        return words.view(np.uint16).reshape(*words.shape, 4)[..., ::-1].reshape(*words.shape[:-1], -1)
    return words.view(np.uint16)


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
        head = _head_of(self.seed, channel)
        head = _scalar_mix(_scalar_mix(head ^ (tick & _MASK)) ^ (ordinal & _MASK))
        if keys.size <= _FEW:
            few = [_scalar_mix(_scalar_mix(key ^ head) + head & _MASK) for key in keys.ravel().tolist()]
            return np.array(few, np.uint64).reshape(keys.shape)
        return mix(mix(keys ^ np.uint64(head)) + np.uint64(head))

    def uniform(self, keys: Uint64, tick: int, channel: str, ordinal: int = 0) -> Floats:
        """Uniforms on [0, 1) with 53 random bits, one a key, shape of `keys`."""
        return uniforms(self.words(keys, tick, channel, ordinal))

    def spawn(self, name: str) -> "Draws":
        """An independent source below this one, named (a replica, the market, a policy)."""
        return Draws(_scalar_mix(self.seed ^ key_of(name)))


@lru_cache(maxsize=4096)
def _head_of(seed: int, channel: str) -> int:
    """What all words of a channel start from."""
    return _scalar_mix(_scalar_mix(seed) ^ key_of(channel))


def _scalar_mix(word: int) -> int:
    """`mix` on one Python integer; same bits, no overflow warning."""
    word = (word + int(_GOLDEN)) & _MASK
    word = ((word ^ (word >> 30)) * int(_MIX_1)) & _MASK
    word = ((word ^ (word >> 27)) * int(_MIX_2)) & _MASK
    return word ^ (word >> 31)
