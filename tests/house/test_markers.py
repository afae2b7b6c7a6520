"""A test against a real server is skipped with its reason on a user's machine, and may not be skipped in CI."""

import shutil

import pytest

from tests.house.places import ROOT, python

SAMPLE = """
import pytest

@pytest.mark.real
def test_server():
    pytest.skip("no chromium here")

def test_other():
    pytest.skip("not on this machine")
"""


@pytest.mark.parametrize(
    ("ci", "code", "says"), [("", 0, "2 skipped"), ("true", 1, "may not be skipped in CI")]
)
def test_skips_of_real_tests(tmp_path, monkeypatch, ci, code, says):
    monkeypatch.setenv("CI", ci)
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    real: a real server\n")
    run = python("-m", "pytest", "-rs", "-p", "no:cacheprovider", ".", cwd=tmp_path)
    assert run.returncode == code, run.stdout
    assert says in run.stdout
    assert "no chromium here" in run.stdout
