"""The notebooks: committed as written, each run by a test: from a CSV to a campaign, from plants to gains."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from tests.house.places import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TUNING = ROOT / "notebooks" / "02_tune_a_loop.ipynb"
MARKET = ROOT / "notebooks" / "01_a_market_from_your_own_data.ipynb"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path):
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert code
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_run_by_a_test_and_told_of_by_the_readme(path):
    told = "".join((ROOT / "tests" / "docs" / name).read_text() for name in ("test_first_look.py", __file__))
    assert path.name in told
    assert path.name in (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The cells of the second notebook after a run: what each printed and showed."""
    place = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.read(MARKET, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(place))
        patch.setenv("TMPDIR", str(place))
        resources = {"metadata": {"path": str(MARKET.parent)}}
        NotebookClient(notebook, timeout=500, kernel_name="python3", resources=resources).execute()
    return notebook, place


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def text(notebook):
    """All that was printed or shown as text."""
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs(notebook)
    )


@pytest.mark.timeout(600)
def test_it_makes_a_market_that_passes_and_shows_one_that_does_not(ran):
    told = text(ran[0])
    assert "PASSED: " in told
    assert "FAILED: mean of a day" in told
    assert "the market fitted to grown.csv fails its hold-out and may not certify" in told
    assert "Not identified: " in told
    assert re.search(r"twice\.csv:31:1 the stamp of line 21 again", told)


@pytest.mark.timeout(600)
def test_it_says_what_can_be_kept_and_compares_the_campaign_on_the_same_futures(ran):
    told = text(ran[0])
    assert re.search(
        r"^With a win-rate of 3% to 12% and 500,000 CNY .* in nine of ten futures", told, re.MULTILINE
    ), told
    for row in ("config", "fixed", "best fixed", "oracle"):
        assert re.search(rf"^{row} +\d+% +\d+% ", told, re.MULTILINE), told
    assert "passed  market: calibrated" in told
    assert "zero_gain: restrained" in told


@pytest.mark.timeout(600)
def test_it_shows_its_pictures_and_writes_the_page_and_complains_of_nothing(ran):
    notebook, place = ran
    assert sum("image/png" in output.get("data", {}) for output in outputs(notebook)) == 3
    (page,) = place.glob("setpoint-market-*/report.html")
    assert page.read_text().startswith("<!doctype html>")
    assert not [o for o in outputs(notebook) if o.output_type == "stream" and o.name == "stderr"]


@pytest.mark.timeout(300)
def test_the_third_tunes_a_loop_and_shows_what_would_break_it(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(TUNING, as_version=4)
    resources = {"metadata": {"path": str(TUNING.parent)}}
    NotebookClient(notebook, timeout=250, kernel_name="python3", resources=resources).execute()
    told = text(notebook)
    assert re.search(r"^gain 0\.\d\d, integral time \d\.\d h, largest Ms 1\.60$", told, re.MULTILINE)
    assert "in the file   gain 1.5, integral_time 9h: may NOT go live" in told
    assert "Ziegler-Nichols gain" in told
    assert len(re.findall(r"units a day, +\d+ moves in two weeks", told)) == 2
    assert sum("image/png" in output.get("data", {}) for output in outputs(notebook)) == 4
