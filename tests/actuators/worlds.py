"""A target for each kind of actuator, seen from behind and cut off at will: what the contract checks ask for."""

import json

import numpy as np

from controller.cells import Cells
from controller.clock import ManualClock
from controller.io.access import Site
from controller.plan import Actuator
from controller.quantities import FileName, Template
from controller.registry import find
from tests.support.server import Server, applied_then_reset, status
from tests.support.target import Target

NOON = 1_780_315_200.0
STORES = ("s1", "s2", "s3")
KEY = "canary-9c1e/5+z"
ENVIRON = {"ODDS_KEY": KEY, "ODDS_TOKEN": KEY}


class World:
    secret: str | None = None
    remembers = True

    def __init__(self, names=STORES) -> None:
        self.cells, self.now = Cells(names, by="store"), NOON
        self.clock = ManualClock(NOON)

    def cut_off(self) -> bool:
        return False

    def lose_answers(self) -> bool:
        return False

    def restore(self) -> None:
        """Nothing was cut off."""

    def close(self) -> None:
        """Nothing to put away."""


class DryRunWorld(World):
    """A target that lives in the actuator itself, so a restart is the same object."""

    def __init__(self) -> None:
        super().__init__()
        member = find("actuator", "dry_run")
        declared = Actuator(kind="dry_run", start=0.03)
        self.made = member.cls(declared, member.settings(), self.cells, clock=self.clock)
        self.changes, self.last = 0, None

    def actuator(self):
        return self.made

    def in_force(self):
        return self.made.read_back().value

    def applications(self) -> int:
        if self.made.last is not self.last:
            self.changes, self.last = self.changes + 1, self.made.last
        return self.changes


class HttpWorld(World):
    """A target behind a loopback server, which repeats the caller's credentials where it refuses."""

    secret = KEY

    def __init__(self, names=STORES, **settings) -> None:
        super().__init__(names)
        self.target = Target(key=KEY, now=NOON)
        self.server = Server(self.target)
        self.server.__enter__()
        self.settings = {
            "sign_with": Template("${env:ODDS_KEY}"),
            "token": Template("${env:ODDS_TOKEN}"),
        } | settings

    def actuator(self):
        member = find("actuator", "http")
        settings = member.settings(url=Template(f"{self.server.url}/odds"), **self.settings)
        site = Site(settings, more=(settings.sign_with,), environ=ENVIRON)
        return member.cls(Actuator(kind="http"), settings, self.cells, site=site, clock=self.clock)

    def in_force(self):
        values = self.target.order["value"] if self.target.order else {}
        if len(self.cells) == 1:
            return np.array([values or np.nan])
        return np.array([values.get(cell, np.nan) for cell in self.cells.label_of])

    def applications(self) -> int:
        return len(self.target.applied)

    def cut_off(self) -> bool:
        self.server.always(status(503, body=f"down, said {KEY}".encode()))
        return True

    def lose_answers(self) -> bool:
        self.server.always(applied_then_reset())
        return True

    def restore(self) -> None:
        self.server.always(None)

    def close(self) -> None:
        self.server.__exit__()


class FileWorld(World):
    """A flag document; what is in force is what its variants say to a client that names its store."""

    def __init__(self, folder, names=STORES) -> None:
        super().__init__(names)
        self.path = folder / "flags.json"
        self.moved = folder / "gone"

    def actuator(self):
        member = find("actuator", "file")
        settings = member.settings(file=FileName(str(self.path)), flag="win_rate")
        return member.cls(Actuator(kind="file", safe=0.03), settings, self.cells, clock=self.clock)

    def document(self):
        return json.loads(self.path.read_text())

    def in_force(self):
        if not self.path.exists():
            return np.full(len(self.cells), np.nan)
        variants = self.document()["flags"]["win_rate"]["variants"]
        if len(self.cells) == 1:
            return np.array([variants["now"]])
        return np.array([variants[f"now:{cell}"] for cell in self.cells.label_of])

    def applications(self) -> int:
        return self.path.stat().st_mtime_ns  # each write is a new file put in place of the old one

    def cut_off(self) -> bool:
        self.moved.mkdir()
        self.path.rename(self.moved / "flags.json")
        self.path.mkdir()  # a folder can neither be read as a document nor replaced by one
        return True

    def restore(self) -> None:
        self.path.rmdir()
        (self.moved / "flags.json").rename(self.path)
        self.moved.rmdir()


def worlds(folder) -> dict:
    """kind -> how to make its world."""
    return {"dry_run": DryRunWorld, "http": HttpWorld, "file": lambda: FileWorld(folder)}
