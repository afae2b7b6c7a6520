"""Writes requirements.txt and requirements-dev.txt: resolved for the oldest Python, every file with its hashes.

Called by make.py as `lock`, for maintainers; calls uv to resolve and pip to measure. The first line of each file says
how much it brings, so that `make` can tell before it installs. Writes no index and no address into the files.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = [
    "pip",
    "compile",
    "pyproject.toml",
    "--group",
    "build",
    "--quiet",
    "--universal",
    "--generate-hashes",
]
COMPILE += ["--python-version", "3.11", "--fork-strategy", "fewest", "--no-header", "--no-annotate"]
EXTRAS = ["notebooks", "dev", "fast", "cluster", "mpc"]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def main(args):
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        sys.exit("lock needs uv on the PATH or in .venv")
    write(uv, "requirements.txt", args)
    write(
        uv,
        "requirements-dev.txt",
        [*(word for name in EXTRAS for word in ("--extra", name)), "-c", "requirements.txt", *args],
    )


def write(uv, name, options):
    target = ROOT / name
    subprocess.run([uv, *COMPILE, "--output-file", name, *options], cwd=ROOT, check=True)
    lines = [line for line in target.read_text().splitlines() if not line.startswith("#")]
    target.write_text("\n".join([measure(target), *lines, ""]))
    print(name + ": " + target.read_text().splitlines()[0].lstrip("# "))


def measure(lock):
    """A comment line: how many packages, how much to download, how much on disk here."""
    with tempfile.TemporaryDirectory() as scratch:
        wheels, site = Path(scratch, "wheels"), Path(scratch, "site")
        hashed = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", str(lock)]
        subprocess.run([*PIP, "download", "--dest", str(wheels), *hashed], check=True)
        offline = ["--no-index", "--find-links", str(wheels), "--target", str(site)]
        subprocess.run([*PIP, "install", *offline, *hashed], check=True)
        count = len(list(wheels.iterdir()))
        return f"# {count} packages, {megabytes(wheels)} MB to download, {megabytes(site)} MB on disk"


def megabytes(folder):
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6)


if __name__ == "__main__":
    main(sys.argv[1:])
