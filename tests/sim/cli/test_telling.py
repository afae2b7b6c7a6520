"""Progress of a long command: a bar on a terminal, lines elsewhere, notes at once on both."""

import sys

from sim.cli.telling import telling
from sim.sweep.progress import Progress


def work(notes=()):
    with telling("runs") as tell:
        tell(Progress(total=4))
        for note in notes:
            tell(Progress(total=4, note=note))
        tell(Progress(total=4, done=4))


def test_elsewhere_there_are_lines(capsys):
    work(notes=["a half-written file is ignored"])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "0 of 4 tasks done",
        "a half-written file is ignored",
        "4 of 4 tasks done",
    ]


def test_on_a_terminal_there_is_a_bar_that_goes_away_and_the_notes_stay(capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    work(notes=["[a worker] died"])
    said = capsys.readouterr()
    assert said.out == ""
    assert "[a worker] died" in said.err
    assert "tasks done" not in said.err
    assert "runs" in said.err
