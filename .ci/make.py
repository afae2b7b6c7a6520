"""What stands behind the Makefile: sets up .venv once, then becomes the job that was asked for.

    python3 .ci/make.py run|test|check|bench|proof|notebooks [arguments]

Needs nothing but a Python: an old one may start this file, a Python of at least 3.11 is looked for to fill .venv.
`lock` (for maintainers, needs uv) resolves the requirements anew.
"""

import os
import subprocess
import sys
from pathlib import Path

import environment

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")

CHECKS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "--quiet", "."],
    ["mypy"],
    ["lint-imports", "--no-logo"],
]


def run(args):
    """The main job: a daemon that keeps a KPI on an embedded market."""
    become("run", [str(BIN / "setpoint"), "demo", *args])


def test(args):
    """All tests, three at a time: many wait for a daemon or a browser, so two processors are kept busy."""
    told = ["-ra", "--durations=10"] if os.environ.get("CI") else ["-q"]
    become("dev", pytest("-n", "3", "--dist", "loadfile", *told, *args))


def proof(args):
    """The long counts; those that can be resumed keep their progress in .proof/."""
    become("dev", pytest("-m", "proof", "-s", "-p", "no:xdist", "-p", "no:timeout", *args))


def check(_args):
    """Style, format, types, floors: all four, also when one of them fails."""
    environment.prepare(VENV, "dev")
    failed = []
    for words in CHECKS:
        print("$ " + " ".join(words), flush=True)
        if subprocess.call([str(BIN / words[0]), *words[1:]], cwd=str(ROOT), env=environment.clean()):
            failed.append(" ".join(words))
    sys.exit("failed: " + "; ".join(failed) if failed else 0)


def bench(args):
    """Every benchmark, one table; the peers that some measure against are among the development requirements."""
    become("dev", [str(BIN / "python"), str(ROOT / ".ci" / "bench.py"), *args])


def notebooks(args):
    """Every notebook, from top to bottom."""
    become("dev", [str(BIN / "python"), str(ROOT / ".ci" / "notebooks.py"), *args])


def lock(args):
    """The requirements, resolved anew for the oldest Python, with hashes."""
    become("dev", [str(BIN / "python"), str(ROOT / ".ci" / "lock.py"), *args])


def pytest(*options):
    return [str(BIN / "python"), "-m", "pytest", *options]


def become(kind, words):
    """Set up what `kind` needs, then let this process be the command, so that Ctrl-C reaches it alone."""
    environment.prepare(VENV, kind)
    os.chdir(str(ROOT))
    sys.stdout.flush()
    os.execve(words[0], words, environment.clean())


TARGETS = {f.__name__: f for f in (run, test, check, bench, proof, notebooks, lock)}


def main(argv):
    if not argv or argv[0] not in TARGETS:
        sys.exit("usage: make.py TARGET [arguments]; the targets are " + ", ".join(TARGETS))
    TARGETS[argv[0]](argv[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
