"""The documentation as the tests of this folder read it."""

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

from tests.house.places import ROOT, committed

FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGES = sorted(committed("*.md"))


def script(path: str) -> ModuleType:
    """A script of docs/, loaded from its file."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(text: str, language: str | None = None) -> list[str]:
    """What stands in fences."""
    return [body for _, word, body in FENCE.findall(text) if language is None or word == language]


def prose(text: str) -> str:
    """A page without what stands in fences and in code spans."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", text))


def links(text: str) -> list[str]:
    """Targets of links that stay in this repository."""
    return [target for target in LINK.findall(prose(text)) if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """Names under which a page's headings can be linked to, made as the forges make them."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings
    }


def commands(text: str) -> list[list[str]]:
    """Every line of a fence that begins with `setpoint`, in words, without its comment."""
    lines = (line.strip() for body in blocks(text) for line in body.splitlines())
    return [shlex.split(line, comments=True)[1:] for line in lines if re.match(r"setpoint [a-z]", line)]
