"""The command itself: subcommands found by entry point, their help, and what becomes of errors."""

import json
import signal
import subprocess
import sys
from importlib.metadata import EntryPoint, version

import pytest
from click.testing import CliRunner

from controller.cli import group, main
from controller.cli.exits import code_of
from controller.errors import (
    CommandError,
    ConfigError,
    NotAvailable,
    Problem,
    SensorError,
    SetpointError,
    StoreBroken,
    StoreBusy,
    UnknownKind,
    Unreachable,
)
from tests.house.places import ROOT

OURS = sorted(name for name, entry in group.entries().items() if entry.module.startswith("controller.cli."))
DOCUMENT = (ROOT / "docs" / "commands.md").read_text()


def test_help_lists_every_subcommand_with_a_line_of_its_own(call):
    text = call("--help").stdout
    for name, entry in group.entries().items():
        line = group.summary(entry)
        assert line.endswith("."), name
        assert f"  {name} " in text
        assert line.split()[0] in text


def test_help_loads_no_subcommand():
    code = (
        "import sys\nfrom controller.cli import main\nsys.argv = ['setpoint', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "late = ('controller.cli.orders', 'controller.store', 'sim')\n"
        "print('LOADED', [name for name in sys.modules if name.startswith(late)])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.rstrip().endswith("LOADED []")


def test_version(call):
    assert call("--version").stdout == f"setpoint, version {version('setpoint')}\n"


@pytest.mark.parametrize("name", OURS)
def test_each_subcommand_explains_itself(call, name):
    text = call(name, "--help").stdout
    assert text.startswith(f"Usage: setpoint {name} ")
    assert "--json" in text
    assert group.summary(group.entries()[name]) in " ".join(text.split())


@pytest.mark.parametrize("name", OURS)
def test_each_subcommand_is_documented_with_its_options(name):
    assert f"### {name}\n" in DOCUMENT or f"| `{name}" in DOCUMENT
    shared = {"--json", "--store", "--daemon", "--by", "--reason", "--wait"}
    for option in group.entries()[name].load().params:
        if option.param_type_name == "option":
            assert option.opts[0] in shared or option.opts[0] in DOCUMENT, option.opts


def test_an_unknown_subcommand_gives_the_nearest(call):
    text = call("stauts", code=2).stderr
    assert "there is no command 'stauts'; did you mean 'status'? known: accept, ack" in text


def test_a_subcommand_that_can_t_be_loaded_hides_no_other(call, monkeypatch):
    broken = EntryPoint("broken", "not_there_at_all.cli:broken", group.GROUP)
    known = group.entries()
    monkeypatch.setattr(group, "entries", lambda: {**known, "broken": broken})
    text = call("--help").stdout
    assert "(not_there_at_all.cli is missing)" in text
    assert "  status " in text
    assert "can't be loaded: No module named 'not_there_at_all'" in call("broken", code=1).stderr


CODES = [
    (ConfigError("a.yaml", [Problem(1, 2, "sensors", "is wrong")]), 3),
    (UnknownKind("sensor", "x", ["y"]), 3),
    (NotAvailable("later"), 3),
    (StoreBusy("owned"), 4),
    (StoreBroken("torn"), 4),
    (SensorError("silent"), 5),
    (Unreachable("silent"), 5),
    (CommandError("no"), 1),
    (SetpointError("no"), 1),
]


@pytest.mark.parametrize(("fault", "code"), CODES, ids=[type(fault).__name__ for fault, _ in CODES])
def test_an_error_is_text_and_a_code(monkeypatch, fault, code):
    def fail():
        raise fault

    monkeypatch.setattr(group.Commands, "get_command", lambda *_: group.click.Command("x", callback=fail))
    result = CliRunner().invoke(main, ["x"])
    assert (result.exit_code, code_of(fault)) == (code, code)
    assert result.stderr == f"Error: {fault}\n"
    assert "Traceback" not in result.output


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(
        group.Commands, "get_command", lambda *_: group.click.Command("x", callback=lambda: 1 // 0)
    )
    assert isinstance(CliRunner().invoke(main, ["x"]).exception, ZeroDivisionError)


def test_ctrl_c_ends_with_130(journal):
    """A real process that waits for an answer which nobody gives."""
    from controller.store import SqliteStore

    store = SqliteStore(journal)
    store.claim("a daemon that says nothing")
    line = [sys.executable, "-c", "from controller.cli import main; main()", "hold", "--store", str(journal)]
    child = subprocess.Popen(
        [*line, "--by", "kim", "--reason", "r", "--wait", "60s"], stderr=subprocess.PIPE, text=True
    )
    while not store.pending():
        assert child.poll() is None, child.stderr.read()
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=30)
    store.close()
    assert (child.returncode, told) == (130, "stopped\n")


def test_it_runs_as_a_process_of_its_own(process, journal):
    run = process("status", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["campaign"] == "test"
    assert process("status", "--store", "nowhere").returncode == 4
