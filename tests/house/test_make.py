"""What stands behind the Makefile: finds a Python, stamps what it installed, sums up the benchmarks."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.places import ROOT


def script(name: str):
    sys.path.insert(0, str(ROOT / ".ci"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


environment, make, bench = script("environment"), script("make"), script("bench")


@pytest.fixture
def fake(tmp_path):
    """Makes a program that answers the probe as a given Python would."""

    def write(name: str, answer: str) -> Path:
        file = tmp_path / name
        file.write_text(f"#!/bin/sh\n{answer}\n")
        file.chmod(0o755)
        return file

    return write


def test_each_target_is_one_line_and_known_to_the_script():
    targets = re.findall(
        r"^(\w+): ; @\$\(PYTHON\) \.ci/make\.py (\w+) \$\(ARGS\)$",
        (ROOT / "Makefile").read_text(),
        re.MULTILINE,
    )
    assert [name for name, _ in targets] == ["run", "test", "check", "bench", "proof", "notebooks"]
    assert all(name == job and name in make.TARGETS for name, job in targets)


def test_an_old_python_is_refused_by_name(fake, monkeypatch, tmp_path):
    old = fake("python3", "echo 3 9 2 True")
    monkeypatch.setenv("SETPOINT_PYTHON", str(old))
    with pytest.raises(SystemExit, match=rf"3\.11 or newer; found: {old} 3\.9\.2"):
        environment.find_python(tmp_path / ".venv")


def test_a_python_without_ensurepip_names_the_package(fake, monkeypatch, tmp_path):
    monkeypatch.setenv("SETPOINT_PYTHON", str(fake("python3", "echo 3 12 1 False")))
    with pytest.raises(SystemExit, match=r"apt-get install python3\.12-venv"):
        environment.find_python(tmp_path / ".venv")


def test_a_shim_without_a_python_behind_it_is_passed_over(fake, monkeypatch, tmp_path):
    fake("python3.13", "exit 127")
    good = fake("python3.12", "echo 3 12 1 True")
    monkeypatch.delenv("SETPOINT_PYTHON", raising=False)
    monkeypatch.setattr(environment.sys, "executable", str(fake("python3", "echo 3 8 0 True")))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.find_python(tmp_path / ".venv") == (str(good), (3, 12, 1))


def test_the_python_of_the_environment_itself_is_not_used_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setenv("SETPOINT_PYTHON", sys.executable)
    with pytest.raises(SystemExit, match="found: none"):
        environment.find_python(Path(sys.executable).parent.parent)


def test_a_stamp_spares_the_second_setup(monkeypatch, tmp_path):
    (tmp_path / "setpoint.stamp").write_text(environment.stamp(tmp_path, "dev"))
    monkeypatch.setattr(environment, "install", lambda *_: pytest.fail("installed again"))
    environment.prepare(tmp_path, "dev")
    environment.prepare(tmp_path, "run")


@pytest.mark.parametrize("found", ["run", "moved", "none"])
def test_a_stamp_for_less_or_for_another_place_does_not(tmp_path, found):
    stamp = environment.stamp(
        tmp_path if found == "run" else tmp_path / "moved", "run" if found == "run" else "dev"
    )
    if found != "none":
        (tmp_path / "setpoint.stamp").write_text(stamp)
    assert not environment.ready(tmp_path, "dev")


def test_a_broken_environment_is_not_usable(tmp_path):
    assert not environment.usable(tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "bin" / "pip").write_text("#!/moved/away/.venv/bin/python\n")
    assert not environment.usable(tmp_path)
    (tmp_path / "bin" / "pip").write_text(f"#!{tmp_path}/bin/python\n")
    assert environment.usable(tmp_path)


def test_children_write_bytecode(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in environment.clean()


@pytest.mark.parametrize("name", ["make.py", "environment.py"])
def test_the_script_starts_on_an_old_python(name):
    ast.parse((ROOT / ".ci" / name).read_text(), feature_version=(3, 7))


def test_an_unknown_target_lists_the_known_ones():
    run = subprocess.run(
        [sys.executable, ".ci/make.py", "fly"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "run, test, check, bench, proof, notebooks" in run.stderr


@pytest.fixture
def benchmarks(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    (tmp_path / "benchmarks").mkdir()

    def write(name: str, code: str) -> None:
        (tmp_path / "benchmarks" / f"bench_{name}.py").write_text(code)

    return write


def test_benchmarks_make_one_table(benchmarks, capsys):
    tick = {"cpu": {"value": 0.41234567, "unit": "ms", "target": 1, "met": True}}
    pid = {
        "ratio": {"value": 12, "unit": "x", "target": 50, "met": False},
        "fsync": {"value": 3, "unit": "ms"},
    }
    benchmarks("tick", f"print('warming up'); print({json.dumps(tick)!r})")
    benchmarks("pid", f"print({json.dumps(pid)!r})")
    with pytest.raises(SystemExit) as end:
        bench.main([])
    assert end.value.code == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["benchmark", "figure", "value", "target"],
        ["pid", "ratio", "12", "x", "50", "x", "MISSED"],
        ["pid", "fsync", "3", "ms"],
        ["tick", "cpu", "0.4123", "ms", "1", "ms", "met"],
        ["1", "of", "3", "figures", "miss", "their", "target"],
    ]


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('no figures')", "print('[1]')"])
def test_a_benchmark_that_breaks_fails_the_run(benchmarks, code):
    benchmarks("bad", code)
    with pytest.raises(SystemExit, match="broken: bench_bad"):
        bench.main(["bad"])
