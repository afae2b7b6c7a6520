"""The systemd unit and the Dockerfile: no root, hardened, restarted, and nothing that is not locked by hash."""

import re
import shutil
import subprocess

import pytest

from tests.house.places import ROOT

UNIT = (ROOT / "deploy" / "systemd" / "setpoint.service").read_text("utf-8")
DOCKER = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
RUN = ["run", "/etc/setpoint/campaign.yaml", "--daemon", "/etc/setpoint/daemon.yaml"]


def values(key):
    return re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)


def test_the_unit_runs_the_daemon_as_nobody_special_and_starts_it_again():
    assert values("User") == ["setpoint"]
    assert values("Restart") == ["always"]
    assert values("ExecStart")[0].split()[1:] == RUN
    assert values("ExecReload") == ["/bin/kill -HUP $MAINPID"]
    assert values("RestartPreventExitStatus") == ["2 3 4"]


def test_the_unit_gives_away_no_power():
    assert values("CapabilityBoundingSet") == [""]
    assert values("NoNewPrivileges") == values("ProtectHome") == values("PrivateDevices") == ["yes"]
    assert values("ProtectSystem") == ["strict"]
    assert values("StateDirectory") == ["setpoint"]


def test_systemd_understands_the_unit_and_finds_it_hardened(tmp_path):
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    here = tmp_path / "setpoint.service"
    here.write_text(UNIT.replace("/opt/setpoint/bin/setpoint", shutil.which("true")), "utf-8")
    verified = subprocess.run(
        [tool, "verify", str(here)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    words = [tool, "security", "--offline=yes", "--no-pager", "--threshold=20", str(here)]
    judged = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert judged.returncode == 0, judged.stdout[-300:]


def test_the_image_takes_only_what_is_locked_and_runs_without_root():
    stages = DOCKER.split("\nFROM ")[1:]
    assert len(stages) == 2
    assert "--require-hashes" in stages[0]
    assert "--no-deps --no-build-isolation" in stages[0]
    assert re.search(r"^USER 10001:10001$", stages[1], re.MULTILINE)
    assert not re.search(r"^(RUN|COPY|ADD)", stages[1].partition("\nUSER")[2], re.MULTILINE)
    assert all(":latest" not in stage.splitlines()[0] and ":" in stage.splitlines()[0] for stage in stages)
    assert re.search(r'^CMD \["run", .*\]$', DOCKER, re.MULTILINE)[0] == f"CMD {RUN}".replace("'", '"')


def test_what_the_image_copies_is_there():
    copied = [
        line.split()[1:-1]
        for line in DOCKER.splitlines()
        if line.startswith("COPY ") and "--from" not in line
    ]
    wanted = [name for names in copied for name in names]
    assert all((ROOT / name).exists() for name in wanted)
    kept = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8")
    assert {line[1:] for line in kept.splitlines() if line.startswith("!")} == set(wanted)
    python = re.search(r"^FROM python:(\d\.\d+)-", DOCKER, re.MULTILINE)[1]
    assert f'requires-python = ">={python}"' in (ROOT / "pyproject.toml").read_text("utf-8")
