"""The page's files, put into one document: styles, scripts, and the policy that lets nothing else in.

Called by build; reads this package's files, and those that the live page already has: its colours, its words, uPlot.
Scripts are modules on disk; here their imports are taken out and they are set one after the other, which is all that
bundling needs as long as no two of them use one name at the top.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LIVE = "controller.web"
HERE = "sim.report_page"
SCRIPTS = ((LIVE, "static/words.js"), (HERE, "decode.js"), (HERE, "fans.js"), (HERE, "page.js"))
STYLES = ((LIVE, "static/vendor/uPlot.min.css"), (LIVE, "static/page.css"), (HERE, "page.css"))
TEMPLATES = ("page.html", "verdict.html", "table.html", "scenarios.html", "origins.html")
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_LIGHT = re.compile(r"^:root \{(.*?)\}", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What stands inside the document besides its words."""

    style: str
    plot: str
    """uPlot as it was published, its licence above it."""
    script: str
    icon: str
    """A data: address."""
    policy: str
    """The content security policy: these very scripts and styles, and nothing from anywhere."""


@cache
def bundle() -> Bundle:
    """Everything the page needs, read once."""
    style = "\n".join(read(*place) for place in STYLES)
    style += "\n" + paper(*(read(*place) for place in STYLES[1:]))
    licence = read(LIVE, "static/vendor/uPlot.LICENSE").strip()
    plot = f"/*\n{licence}\n*/\n{read(LIVE, 'static/vendor/uPlot.iife.min.js')}"
    script = "\n".join(_EXPORT.sub("", _IMPORT.sub("", read(*place))) for place in SCRIPTS)
    for text in (plot, script, style):
        if re.search(r"</(script|style)", text, re.IGNORECASE):
            raise ValueError("a file of the page holds the end of the element that it is to stand in")
    icon = base64.b64encode(read(LIVE, "static/icon.svg").encode()).decode()
    policy = (
        f"default-src 'none'; script-src {digest(plot)} {digest(script)}; style-src {digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return Bundle(style, plot, script, f"data:image/svg+xml;base64,{icon}", policy)


def templates() -> dict[str, str]:
    """The templates by name."""
    return {name: read(HERE, name) for name in TEMPLATES}


def paper(*styles: str) -> str:
    """The light colours of each style sheet again, for paper, whatever the screen is.

    >>> print(paper(":root { --ink: #111; }"))
    @media print { :root { --ink: #111; } }
    :root.paper { --ink: #111; }
    """
    light = [_LIGHT.search(style) for style in styles]
    if None in light:
        raise ValueError("a style sheet of the page has no colours under :root at the start of a line")
    colours = " ".join(found[1].strip() for found in light if found)
    return f"@media print {{ :root {{ {colours} }} }}\n:root.paper {{ {colours} }}"


def digest(text: str) -> str:
    """How a policy names an inline script or style: the SHA-256 of its text.

    >>> digest("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def read(package: str, name: str) -> str:
    """A file of a package as text."""
    return (files(package) / name).read_text(encoding="utf-8")
