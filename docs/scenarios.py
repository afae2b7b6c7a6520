"""Writes the table of docs/scenarios.md from the scenarios themselves.

    python docs/scenarios.py

What stands between `<!-- scenarios -->` and `<!-- end -->` is replaced. A test does the same, and finds nothing to do.
"""

import re
from pathlib import Path

from sim.scenarios._base import Scenario
from sim.scenarios._family import kinds, scenario

PAGE = Path(__file__).resolve().parent / "scenarios.md"
MARKED = re.compile(r"(<!-- scenarios -->\n)(.*?)(<!-- end -->)", re.DOTALL)
HEAD = (
    "| scenario | weeks | what happens | what good means | must hold | source |\n|---|---|---|---|---|---|\n"
)


def rewritten(page: str) -> str:
    """A page with its table as the scenarios have it now."""
    return MARKED.sub(lambda found: f"{found[1]}\n{table()}\n{found[3]}", page)


def table() -> str:
    return HEAD + "".join(row(kind, scenario(kind)) for kind in kinds())


def row(kind: str, found: Scenario) -> str:
    name = f"**`{kind}`**" if found.core else f"`{kind}`"
    asked = "; ".join(gate.asks for gate in found.gates)
    cells = (name, f"{found.least_weeks:g}", found.about, found.good, asked, found.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def main() -> None:
    before = PAGE.read_text()
    after = rewritten(before)
    if after != before:
        PAGE.write_text(after)
        print(f"{PAGE.name}: table written anew")


if __name__ == "__main__":
    main()
