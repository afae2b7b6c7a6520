"""A journal of a small campaign, and the command on it: in this process, and as a process of its own."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.assembly import assemble
from controller.cli import main
from controller.clock import SystemClock
from controller.config.canonical import canonical, digest
from controller.daemon.service import Service
from controller.gates import SimulatedGate
from controller.life import begin, end
from controller.store import SqliteStore
from models.draws import Draws
from tests.support.world import World, campaign_with, policy_plan


class Campaign(World):
    """A world whose journal says which config it ran."""

    def build(self) -> None:
        self.loop = assemble(
            self.campaign,
            sensors={"units": self.sensor},
            actuators={"win_rate": self.actuator},
            draws=Draws(self.seed),
            store=self.store,
            gate=SimulatedGate(),
            cells=self.cells,
        )
        begin(
            self.loop, self.now, {"config": canonical(self.campaign), "config_digest": digest(self.campaign)}
        )
        self.service = Service(self.loop)

    def turn(self):
        self.now += self.campaign.runs.scan
        return self.service.turn(self.maker.at(self.now))

    def close(self) -> None:
        end(self.loop, 0, self.now, "told to stop")
        self.store.close()


def run_campaign(path: Path, turns: int = 30, cells=None, **changes) -> Campaign:
    """A campaign that has run for some turns up to the last five minutes, its daemon still holding the store."""
    from controller.cells import Cells

    plan = replace(campaign_with(policy_plan("updown")), **changes)
    now = SystemClock().now()
    start = now - now % 300.0 - turns * plan.runs.scan
    world = Campaign(plan, cells or Cells(("test",)), SqliteStore(path), now=start)
    world.turns(turns)
    return world


@pytest.fixture(scope="session")
def grown(tmp_path_factory):
    """A journal of thirty turns, made once."""
    path = tmp_path_factory.mktemp("grown") / "setpoint.journal"
    run_campaign(path).close()
    return path


@pytest.fixture
def journal(tmp_path, grown):
    """A journal that no daemon holds."""
    return Path(shutil.copy(grown, tmp_path))


@pytest.fixture
def call(monkeypatch, tmp_path):
    """Runs the command in this process; `call.json` gives what it printed, parsed."""
    monkeypatch.setenv("USER", "kim")
    monkeypatch.delenv("SETPOINT_STORE", raising=False)
    monkeypatch.delenv("SETPOINT_BY", raising=False)
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def run(*words, code=0):
        result = runner.invoke(main, [str(word) for word in words], prog_name="setpoint")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == code, result.output
        return result

    def parsed(*words, code=0):
        return json.loads(run(*words, "--json", code=code).stdout)

    run.json = parsed
    return run


@pytest.fixture
def process(tmp_path):
    """Runs the command as a process of its own."""

    def run(*words, env=None, timeout=60):
        line = [sys.executable, "-c", "from controller.cli import main; main()", *map(str, words)]
        return subprocess.run(
            line, cwd=tmp_path, capture_output=True, text=True, timeout=timeout, check=False,
            env={"PATH": "/usr/bin:/bin", "USER": "kim", "HOME": str(tmp_path), **(env or {})},
        )  # fmt: skip

    return run
