"""A foreign `models` or `sim` is reported with its path, not imported in silence."""

import shutil

import pytest

from tests.house.places import PACKAGES, ROOT, python

IMPORT = "import controller"


@pytest.fixture
def copies(tmp_path):
    """The three packages, copied to a folder of their own."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("name", ["models", "sim"])
def test_a_package_in_the_working_folder_is_named(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("weights = 'somebody else’s'\n")
    run = python("-c", IMPORT, cwd=tmp_path)
    assert run.returncode == 1
    assert f"another one first: {tmp_path / name / '__init__.py'}" in run.stderr
    assert "PYTHONPATH" in run.stderr


def test_a_module_file_is_named_too(tmp_path):
    (tmp_path / "sim.py").touch()
    assert f"another one first: {tmp_path / 'sim.py'}" in python("-c", IMPORT, cwd=tmp_path).stderr


def test_one_that_was_imported_before_is_seen(tmp_path):
    (tmp_path / "models.py").touch()
    late = "import sys, models; sys.path.pop(0); import controller"
    assert f"another one first: {tmp_path / 'models.py'}" in python("-c", late, cwd=tmp_path).stderr


def test_a_plain_folder_of_that_name_does_no_harm(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "weights.bin").touch()
    assert python("-c", IMPORT, cwd=tmp_path).returncode == 0


def test_a_face_that_another_distribution_overwrote_is_seen(copies):
    (copies / "models" / "__init__.py").write_text("from .core import *\n")
    run = python("-c", IMPORT, cwd=copies)
    assert run.returncode == 1
    assert "was overwritten" in run.stderr
    assert str(copies / "models" / "__init__.py") in run.stderr


def test_a_missing_package_is_called_missing(copies):
    shutil.rmtree(copies / "sim")
    run = python("-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(copies)!r}); {IMPORT}")
    assert "reinstall setpoint" in run.stderr


def test_the_guard_loads_neither_package():
    run = python(
        "-c", f"{IMPORT}; import sys; print(sorted({{'models', 'sim', 'numpy'}} & set(sys.modules)))"
    )
    assert run.stdout.strip() == "[]"
