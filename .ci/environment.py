"""Fills .venv from the hash-locked requirements, says what it installs, and does nothing the second time.

Called by make.py, possibly under a Python too old for Setpoint; calls venv and pip of a Python that is new enough.
Needs no root, no uv, nothing in HOME; never installs outside .venv.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}
CANDIDATES = ["python3.13", "python3.12", "python3.11", "python3.14", "python3", "python"]
MEDDLING = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
PROBE = "import sys, importlib.util as u; print(*sys.version_info[:3], u.find_spec('ensurepip') is not None)"


def prepare(venv, kind):
    """Make sure that .venv holds what `kind` ("run" or "dev") needs; instant when it does."""
    if ready(venv, kind):
        return
    started = time.monotonic()
    if not usable(venv):
        create(venv)
    install(venv, kind)
    (venv / "setpoint.stamp").write_text(stamp(venv, kind))
    print(f"ready after {time.monotonic() - started:.0f} s; the next start needs none of this", flush=True)


def ready(venv, kind):
    try:
        found = (venv / "setpoint.stamp").read_text()
    except OSError:
        return False
    return found in (stamp(venv, kind), stamp(venv, "dev"))


def stamp(venv, kind):
    """What .venv was filled for: where it lies (a venv can't be moved), and from which files."""
    digest = hashlib.sha256(str(venv).encode())
    for name in [*LOCKS.values(), "pyproject.toml"]:
        digest.update((ROOT / name).read_bytes())
    return f"{kind} {digest.hexdigest()}\n"


def usable(venv):
    """Is there a .venv with a Python that is new enough, a pip, and its own path in its scripts?"""
    python = python_of(venv)
    pip = python.parent / "pip"
    if not python.exists() or not pip.exists() or str(venv) not in pip.read_text(errors="replace")[:500]:
        return False
    found = probe(str(python))
    return found is not None and found[0] >= OLDEST


def create(venv):
    python, version = find_python(venv)
    print("creating {} with Python {}.{}.{} ({})".format(venv.name, *version, python), flush=True)
    if venv.is_symlink() or venv.is_file():
        sys.exit(f"{venv} is in the way: it is not a folder that this script made; move it away")
    shutil.rmtree(str(venv), ignore_errors=True)
    if subprocess.call([python, "-m", "venv", str(venv)], env=clean()):
        sys.exit(f"{python} -m venv failed, see above")


def find_python(venv):
    """The path and version of a Python that can make `venv`; exits with what to install when there is none."""
    found = list(pythons(venv))
    new = [each for each in found if each[1] >= OLDEST]
    for path, version, can_make in new:
        if can_make:
            return path, version
    if new:
        sys.exit("no ensurepip in {}: apt-get install python{}.{}-venv".format(new[0][0], *new[0][1]))
    seen = ", ".join("{} {}.{}.{}".format(path, *version) for path, version, _ in found) or "none"
    sys.exit("Setpoint needs Python 3.11 or newer; found: " + seen + ". SETPOINT_PYTHON can name another.")


def pythons(venv):
    """Every Python to be found outside `venv`: path, version, whether it can make environments."""
    asked = os.environ.get("SETPOINT_PYTHON")
    for name in [asked] if asked else [sys.executable, *CANDIDATES]:
        path = shutil.which(name)
        facts = probe(path) if path and venv not in Path(path).parents else None
        if facts:
            yield (path, *facts)


def probe(python):
    """The version and whether it can make environments; None for what does not run (a shim without a Python behind)."""
    try:
        words = subprocess.check_output([python, "-c", PROBE], stderr=subprocess.DEVNULL, env=clean()).split()
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(int(word) for word in words[:3]), words[3] == b"True"


def install(venv, kind):
    lock = ROOT / LOCKS[kind]
    print(f"installing {lock.name}, each file checked by its hash: {size_of(lock)}", flush=True)
    pip(venv, "--require-hashes", "--only-binary", ":all:", "-r", str(lock))
    print("installing setpoint itself", flush=True)
    pip(venv, "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def size_of(lock):
    """What the lock's first line says of itself: packages, megabytes."""
    return lock.read_text().partition("\n")[0].lstrip("# ")


def pip(venv, *words):
    common = ["install", "--quiet", "--no-input", "--disable-pip-version-check"]
    over = threading.Event()
    ticker = threading.Thread(target=tick, args=(over,))
    ticker.daemon = True
    ticker.start()
    code = subprocess.call([str(python_of(venv)), "-m", "pip", *common, *words], env=clean())
    over.set()
    ticker.join()
    if code:
        sys.exit(
            f"pip failed, see above; nothing was installed outside {venv.name}, so this can be run again"
        )


def tick(over):
    started = time.monotonic()
    while not over.wait(10):
        print(f"  {time.monotonic() - started:.0f} s", flush=True)


def python_of(venv):
    return venv / ("Scripts" if os.name == "nt" else "bin") / "python"


def clean():
    """The environment for children: bytecode is written (imports are slow without), pip stays inside .venv."""
    return {name: value for name, value in os.environ.items() if name not in MEDDLING}
