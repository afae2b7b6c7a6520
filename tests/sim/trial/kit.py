"""A trial of a second or two on the small campaign of the evidence's tests."""

from sim.sweep import SerialExecutor
from sim.trial.cases import Trial
from sim.trial.entries import entries_of
from tests.sim.evidence.kit import TEXT

ROWS = ("fixed", "pid", "oracle")


def file(folder, text=TEXT, name="small"):
    """The campaign's file."""
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def trial(folder, rows=ROWS, **changes):
    """Two seeds of half a week."""
    given = {"scenarios": ("steady",), "files": (file(folder),), "weeks": 0.5, "seeds": 2}
    return Trial(entries=entries_of(rows), **(given | changes))


class Counting:
    """The serial executor, and which entries it was given."""

    def __init__(self):
        self.done = []

    def map(self, function, tasks):
        self.done += [task["name"] for task in tasks]
        yield from SerialExecutor().map(function, tasks)
