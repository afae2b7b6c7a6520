"""The table of `simulate` for every shipped campaign, and the sentences around it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from controller.config import load
from sim.cli.simulate import simulate
from sim.compare import Comparison, Row, Scores, beside, compare
from sim.report import lines, verdict

SHIPPED = ("cap_lottery", "coupon_value", "push_frequency")


@pytest.fixture(scope="module", params=SHIPPED)
def table(request):
    campaign = replace(load(f"configs/{request.param}.yaml"), mode="advise")
    return compare(campaign, weeks=0.3, seeds=2)


def test_every_shipped_campaign_has_every_row(table):
    assert [row.name for row in table.rows] == ["config", "fixed", "best fixed", "updown", "simple_pid"]
    for row in table.rows:
        for name in Scores.__slots__:
            values = getattr(row.scores, name)
            assert values.shape == (2,), name
            assert name == "outside" or np.isfinite(values).all(), name


def test_a_file_in_advise_is_simulated_in_auto(table):
    assert (table.own.scores.moves > 0).all()


def test_scores_are_possible(table):
    low = min(a.low for a in table.campaign.actuators.values())
    high = max(a.high for a in table.campaign.actuators.values())
    for row in table.rows:
        s = row.scores
        assert ((s.inside >= 0) & (s.inside <= 1)).all()
        assert (s.low >= low - 1e-12).all()
        assert (s.high <= high + 1e-12).all()
        assert (s.loss >= 0).all()
    fixed = table.rows[1].scores
    assert (fixed.moves == 0).all()
    assert (fixed.low == fixed.high).all()


def test_the_best_fixed_value_is_no_worse_than_the_start(table):
    assert table.rows[2].scores.loss.mean() <= table.rows[1].scores.loss.mean() + 1e-9


def test_the_report_says_what_is_recorded_and_what_is_modelled(table):
    text = "\n".join(lines(table))
    for word in ("Recorded:", "Modelled:", "scaled 70 times", "Nothing real is touched", "in band", "loss J"):
        assert word in text


def test_one_shipped_campaign_runs_on_simple_pid():
    kinds = {load(f"configs/{n}.yaml").loops.popitem()[1].policy.kind for n in SHIPPED}
    assert "simple_pid" in kinds


def made(own, fixed):
    def row(name, loss):
        size = len(loss)
        return Row(name, "", Scores(*(np.zeros(size) for _ in range(6)), np.array(loss)))

    campaign = load("configs/push_frequency.yaml")
    return Comparison(campaign, "", 1.0, len(own), (row("config", own), row("fixed", fixed)))


def test_the_verdict_says_so_when_the_loop_did_not_help():
    assert verdict(made([0.01, 0.02, 0.01], [0.31, 0.32, 0.30])).startswith("The loop helped")
    assert "did NOT help" in verdict(made([0.31, 0.32, 0.30], [0.01, 0.02, 0.01]))
    assert "do not show" in verdict(made([0.01, 0.32, 0.10], [0.02, 0.30, 0.11]))
    assert verdict(made([0.1], [0.2])).startswith("One run says little")


def test_variants_lie_beside_each_other_with_pools_of_their_own():
    from controller.cells import Cells

    cells = beside(Cells(("a", "b")).replicated(2), "xyz")
    assert len(cells) == 12
    assert cells.pools == 6
    assert cells.label_of == ("a", "b") * 6


def test_the_command_prints_json_and_needs_no_secret(monkeypatch, tmp_path):
    for name in ("PROM_URL", "PUSH_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = str(Path("configs/push_frequency.yaml").resolve())
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(
        simulate, [path, "--weeks", "0.5", "--seeds", "1", "--json"], catch_exceptions=False
    )
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["rows"][0]["name"] == "config"
    assert said["rows"][0]["half_width"] is None
    assert "running: updown" in done.stderr
