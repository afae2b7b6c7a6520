"""What docs/evaluate.md prints is what the command and the code say."""

import re

import numpy as np
from click.testing import CliRunner

from sim.cli.evaluate import evaluate
from sim.ope._family import kinds
from sim.ope._support import Gate
from tests.docs.pages import blocks, commands
from tests.house.places import ROOT

PAGE = (ROOT / "docs" / "evaluate.md").read_text()


def coupons(path, rows=2000):
    """The page's log: coupon 10 four times in five; every tenth of its showings pays, every sixth of coupon 20's."""
    n = np.arange(rows)
    action = np.where(n % 5 == 4, "20", "10")
    reward = np.where(n % 5 == 4, (n // 5) % 6 == 0, n % 10 == 0)
    lines = [f"{a},{int(r)},{0.2 if a == '20' else 0.8}\n" for a, r in zip(action, reward, strict=True)]
    path.write_text("action,reward,propensity\n" + "".join(lines))


def test_the_example_prints_what_the_page_says(tmp_path, monkeypatch):
    coupons(tmp_path / "coupons.csv")
    monkeypatch.chdir(tmp_path)
    words = next(words for words in commands(PAGE) if words[0] == "evaluate")
    said = CliRunner().invoke(evaluate, words[1:]).output
    assert said == re.search(r"<!-- example -->\n```\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_example_in_python_says_what_the_page_says():
    code = next(body for body in blocks(PAGE, "python") if "evaluate" in body)
    *lines, last = code.strip().splitlines()
    names = {}
    exec("\n".join(lines), names)
    value, _, said = last.partition("  # ")
    assert repr(eval(value, names)) == said


def test_every_estimator_and_every_bar_stands_on_the_page():
    assert all(f"`{kind}`" in PAGE for kind in kinds())
    gate = Gate()
    for bar in (
        f"under {gate.effective:g}",
        f"above {gate.largest:.0%}",
        f"{gate.off:g} standard errors off",
    ):
        assert bar.replace("%", " %") in PAGE
    assert f"above {gate.unseen:.0%}".replace("%", " %") in PAGE
