"""What is built: the wheel holds the packages and their data, and works in an empty folder of an empty environment."""

import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.house.places import PACKAGES, ROOT, committed, python


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run = python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    assert run.returncode == 0, run.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def inside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment that holds the wheel; its dependencies are borrowed from the one that runs the tests."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    prefix = str(home / "bin" / "python")
    run = python("-m", "pip", "--python", prefix, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    assert run.returncode == 0, run.stderr
    (site,) = home.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


@pytest.fixture
def command(installed, tmp_path):
    """Runs a program of the environment in an empty folder."""

    def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
        line, clean = (
            [str(installed / "bin" / program), *words],
            {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )
        return subprocess.run(line, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)

    return run


def test_holds_every_file_of_the_packages(inside):
    wanted = {str(file.relative_to(ROOT)) for package in PACKAGES for file in committed(f"{package}/*")}
    assert wanted - inside == set()
    assert {f"{package}/py.typed" for package in PACKAGES} <= inside


def test_holds_nothing_else(inside):
    tops = {name.split("/")[0] for name in inside}
    assert tops - {top for top in tops if top.endswith(".dist-info")} == set(PACKAGES)
    assert not [name for name in inside if name.endswith((".pyc", ".journal", ".ipynb"))]


def test_carries_its_licences(inside):
    assert {name.rpartition("/")[2] for name in inside if "/licenses/" in name} == {
        "LICENSE",
        "THIRD_PARTY.md",
    }


def test_is_imported_from_its_own_environment(command, installed):
    run = command("python", "-c", "import controller, models, sim; print(controller.__file__)")
    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.strip()).is_relative_to(installed)


def test_a_plugin_author_gets_types(command):
    run = command("python", "-m", "mypy", "--strict", "-c", "import models.draws as d; x: int = d.Draws(1)")
    assert "Incompatible types" in run.stdout, run.stdout + run.stderr


def test_the_command_answers(command):
    run = command("setpoint", "--help")
    assert run.returncode == 0, run.stderr
    assert "Usage" in run.stdout


def test_the_first_campaign_of_an_empty_folder_passes_its_check(command, tmp_path):
    assert command("setpoint", "init").returncode == 0
    run = command("setpoint", "check", "campaign.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "nothing is wrong" in run.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["campaign.yaml"]


def test_every_subcommand_loads(command):
    code = (
        "from importlib.metadata import entry_points\n"
        "for entry in entry_points(group='setpoint.commands'): assert callable(entry.load()), entry"
    )
    run = command("python", "-c", code)
    assert run.returncode == 0, run.stderr


def test_is_refused_by_an_older_python(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        assert "Requires-Python: >=3.11" in archive.read(name).decode()
