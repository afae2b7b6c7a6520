"""What a journal may forget: snapshots that nothing needs, and records older than the oldest needed snapshot.

Called by the stores; pure. Facts are folds of the journal, so a journal that forgot its beginning must still be able to
rebuild them: it begins with a snapshot (its base) and holds every record after it. Nothing is ever cut in between.
"""

from collections.abc import Sequence

KEPT_FOR_EVER = ("start", "config")
"""Of these kinds the last one at or before the cut stays: without it nobody could name the columns that follow."""
SPACING = 1000
"""Records between two snapshots that stay as possible bases; of those in between only the newest is of use."""


def superfluous(known: Sequence[int], new: int, spacing: int = SPACING) -> list[int]:
    """Which of the known snapshots (by record number) a new one makes useless: at most the newest of them.

    >>> superfluous([0, 5], 9, spacing=10), superfluous([0, 12], 15, spacing=10), superfluous([0], 3, spacing=10)
    ([5], [], [])
    """
    older = sorted(number for number in known if number < new)
    if len(older) >= 2 and older[-1] - older[-2] < spacing:
        return [older[-1]]
    return []
