"""Cutting many scenarios into tasks: so large that handing them out costs nothing, so small that little is lost.

Called by whoever makes tasks. A function that is exact over arrays gives the same numbers in any cutting.
"""

from collections.abc import Iterator

from sim.sweep.errors import SweepError

SIZE = 500
"""Scenarios a task; 50 to 500 take from a second to a minute."""


def chunks(count: int, size: int = SIZE) -> Iterator[tuple[int, int]]:
    """First scenario and number of scenarios of each chunk, as even as can be, none over `size`.

    >>> list(chunks(1001, 500))
    [(0, 333), (333, 334), (667, 334)]
    >>> list(chunks(0))
    []
    """
    if size < 1 or count < 0:
        raise SweepError(f"chunks of at least 1 among at least 0, received size {size} and count {count}")
    pieces = -(-count // size)
    for number in range(pieces):
        first, end = count * number // pieces, count * (number + 1) // pieces
        yield first, end - first
