"""The example of docs/sweeps.md does what the page says, as a script of its own."""

import os
import subprocess
import sys

from tests.docs.pages import blocks
from tests.house.places import ROOT

PAGE = (ROOT / "docs" / "sweeps.md").read_text()


def test_the_example_runs_as_it_is_written(tmp_path):
    _, function, script = blocks(PAGE, "python")
    (tmp_path / "mine.py").write_text(function)
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split()
    assert lines[:40] == ["500"] * 40
    assert float(lines[lines.index("1.5") + 1]) > 0
