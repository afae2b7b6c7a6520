"""What lies in configs/: every campaign is right as it stands, and daemon.yaml says every default."""

import dataclasses

import pytest
from click.testing import CliRunner

from controller.cli import main
from controller.config import check_text
from controller.config.canonical import tree
from controller.config.daemon import DaemonPlan, load_daemon
from tests.house.places import ROOT

CONFIGS = ROOT / "configs"
CAMPAIGNS = sorted(set(CONFIGS.glob("*.yaml")) - {CONFIGS / "daemon.yaml"})


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
def test_a_campaign_has_no_fault(path):
    assert check_text(path.read_text(), folder=str(CONFIGS)) == ()


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
def test_a_campaign_passes_its_check(path):
    result = CliRunner().invoke(main, ["check", "--offline", str(path)])
    assert result.exit_code == 0, result.output
    assert "nothing is wrong" in result.output


def test_daemon_yaml_is_the_default():
    assert tree(load_daemon(CONFIGS / "daemon.yaml")) == tree(DaemonPlan())


def test_daemon_yaml_names_every_key():
    text = (CONFIGS / "daemon.yaml").read_text()
    for block in dataclasses.fields(DaemonPlan):
        assert f"\n{block.name}:" in text
        for key in dataclasses.fields(block.type):
            assert f" {key.name}: " in text or f"{{{key.name}: " in text, f"{block.name}.{key.name}"


def test_the_daemon_yaml_s_comments_are_right_once_they_are_keys(tmp_path):
    text = (CONFIGS / "daemon.yaml").read_text()
    opened = [line.replace("# ", "", 1) if line.startswith("  # ") else line for line in text.splitlines()]
    path = tmp_path / "daemon.yaml"
    path.write_text("\n".join(opened))
    plan = load_daemon(path)
    assert plan.alarms.webhook is not None
    assert plan.store.backups is not None
    assert plan.watchdog.patience == 3600.0
