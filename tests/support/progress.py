"""Long counts that can be broken off: how far one came is kept in .proof/, and the next run goes on from there."""

import json
from pathlib import Path

FOLDER = Path(".proof")


class Progress:
    """The count of one proof and what it measured so far.

    Deleting `.proof/` starts anew.
    """

    def __init__(self, name, wanted):
        self.file, self.wanted = FOLDER / f"{name}.json", wanted
        self.done, self.worst = 0, {}
        if self.file.exists():
            kept = json.loads(self.file.read_text())
            self.done, self.worst = kept["done"], kept["worst"]

    def add(self, count, **figures):
        self.done += count
        self.worst = {name: max(value, self.worst.get(name, value)) for name, value in figures.items()}
        FOLDER.mkdir(exist_ok=True)
        self.file.write_text(json.dumps({"done": self.done, "worst": self.worst}))

    @property
    def left(self):
        return max(self.wanted - self.done, 0)
