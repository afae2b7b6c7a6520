"""The picture on the README's first screen and the first notebook, both of one day of the demo, made once."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from controller.store import SqliteStore
from controller.why import Names, Teller
from tests.docs.pages import blocks, script
from tests.house.places import ROOT

picture = script("docs/pictures/first_screen.py")
NOTEBOOK = ROOT / "notebooks" / "00_first_look.ipynb"
README = (ROOT / "README.md").read_text()
REDRAW = "the picture is stale: python docs/pictures/first_screen.py"


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """The numbers of the picture, and the journal of the day they are of."""
    journal = tmp_path_factory.mktemp("day") / "demo.journal"
    store = SqliteStore(journal)
    rows = picture.numbers(store)
    store.close()
    return rows, journal


def test_the_picture_is_of_the_day_that_the_demo_shows(day, tmp_path):
    rows, _ = day
    picture.save(rows, tmp_path / "now.csv")
    now, committed = picture.read(tmp_path / "now.csv"), picture.read(picture.HERE / "first_screen.csv")
    assert len(now) == len(committed), REDRAW
    for new, old in zip(now, committed, strict=True):
        assert new.pop("state") == old.pop("state"), REDRAW
        assert {name for name in new if new[name] == ""} == {name for name in old if old[name] == ""}, REDRAW
        assert known(new) == pytest.approx(known(old), rel=1e-6), REDRAW


def test_the_picture_is_drawn_from_those_numbers_and_nothing_else(tmp_path):
    """Every line of the committed drawing has the coordinates that its numbers give now."""
    picture.draw(picture.read(picture.HERE / "first_screen.csv"), tmp_path / "now.svg")
    drawn, committed = (tmp_path / "now.svg").read_text(), (picture.HERE / "first_screen.svg").read_text()
    assert len(paths(drawn)) > 10
    assert len(paths(drawn)) == len(paths(committed)), REDRAW
    for new, old in zip(paths(drawn), paths(committed), strict=True):
        assert numbers(new) == pytest.approx(numbers(old), abs=1.0), REDRAW


def test_the_readme_quotes_that_day():
    rows = picture.read(picture.HERE / "first_screen.csv")
    assert f"{rows[-1]['spent']:,.0f} CNY, the twin {rows[-1]['spent_left_alone']:,.0f} CNY" in README


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_readme_quotes_a_reason_of_that_day(day, language):
    quotes = [
        " ".join(part.split("\n> ")) for part in re.findall(r"^> (.+(?:\n> .+)*)", README, re.MULTILINE)
    ]
    store = SqliteStore(day[1], readonly=True)
    teller = Teller(Names.of(store.last("start").data), language)
    told = {one.sentence for record in store.records(kinds=("tick",)) for one in teller.tell(record)}
    store.close()
    assert [quote for quote in quotes if quote in told]


def test_the_readme_s_lines_for_analysts_run(day, tmp_path, monkeypatch):
    (code,) = blocks(README, "python")
    (tmp_path / "setpoint.journal").symlink_to(day[1])
    monkeypatch.chdir(tmp_path)
    known = {}
    exec(code, known)
    assert len(known["frame"]) > 1000


def test_the_notebook_runs_on_the_journal_of_that_day(day, monkeypatch, tmp_path):
    _, journal = day
    monkeypatch.setenv("SETPOINT_STORE", str(journal))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    place = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=place).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    text = "".join(output.get("text", "") for output in outputs)
    assert str(journal) in str(outputs[0])
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert text.count("Win-rate ") == 5
    assert re.search(r"\d+ of 2\d hours in the band; [1-9] without a good sample", text)
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"], (
        text
    )


def known(row: dict) -> dict[str, float]:
    return {name: value for name, value in row.items() if value != ""}


def paths(svg: str) -> list[str]:
    """What is drawn, without what a font makes of a letter."""
    return re.findall(r'<path d="([^"]+)"', svg)


def numbers(path: str) -> list[float]:
    return [float(part) for part in re.findall(r"-?\d+(?:\.\d+)?", path)]
