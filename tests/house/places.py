"""Where things are, for the tests of the house."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("controller", "models", "sim")


def committed(*patterns: str) -> list[Path]:
    """The files under version control that match; those on disk in a source distribution, which has none."""
    if (ROOT / ".git").exists():
        listed = subprocess.check_output(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, text=True)
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    found = [file for pattern in patterns or ("*",) for file in ROOT.rglob(pattern)]
    return [file for file in found if file.is_file() and ".venv" not in file.parts]


def python(*words: str, **options) -> subprocess.CompletedProcess[str]:
    """Run this Python on `words`; output as text."""
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, **options)
