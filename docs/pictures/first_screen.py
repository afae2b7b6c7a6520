"""Draws the picture at the top of the README: the day that `setpoint demo` shows, with seed 1.

    python docs/pictures/first_screen.py [FOLDER]

Runs the demo's two worlds in process, two warm-up weeks included; writes first_screen.csv, the numbers, and
first_screen.svg, drawn from the numbers and nothing else. A test runs it and compares the numbers with those that are
committed. Calls the demo's stage; needs matplotlib (`pip install "setpoint[notebooks]"`).
"""

import csv
import sys
from importlib.resources import files
from math import isnan
from pathlib import Path

from controller.config import load
from controller.ports import Store
from controller.store import MemoryStore
from sim.demo.stage import Scene, Stage
from sim.demo.story import HOUR, OUTAGE, PROMOTION

HERE = Path(__file__).resolve().parent
COLUMNS = ("hour", "kept", "left_alone", "win_rate", "low", "high", "state", "spent", "spent_left_alone")
"""Hours into the day; sales as a share of the target with and without control; the win-rate in force; the band."""
BELOW = "hours; the market is simulated on recorded soft-drink demand"
INK, GREY, GREEN, AMBER = "#1f2933", "#8a94a0", "#1a7f4b", "#c77700"


def numbers(store: Store | None = None) -> list[dict[str, float | str]]:
    """One row for each turn of the day, by the names in COLUMNS; what is not known is left empty."""
    stage = Stage(load(str(files("sim.demo") / "campaign.yaml")), store or MemoryStore())
    stage.warm_up()
    band = float(stage.aim.band[0] / stage.aim.level[0])
    while not stage.over:
        stage.step()
    return [row(scene, stage.live, band) for scene in stage.scenes]


def row(scene: Scene, live: float, band: float) -> dict[str, float | str]:
    values = (
        (scene.time - live) / HOUR, scene.share, scene.twin, scene.output, 1 - band, 1 + band, scene.state,
        scene.spent, scene.spent_twin,
    )  # fmt: skip
    return {name: written(value) for name, value in zip(COLUMNS, values, strict=True)}


def written(value: float | str) -> float | str:
    if isinstance(value, str):
        return value
    return "" if isnan(value) else round(value, 6)


def save(rows: list[dict[str, float | str]], file: Path) -> None:
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read(file: Path) -> list[dict[str, float | str]]:
    with file.open(newline="") as lines:
        return [
            {name: text if name == "state" or text == "" else float(text) for name, text in line.items()}
            for line in csv.DictReader(lines)
        ]


def draw(rows: list[dict[str, float | str]], file: Path) -> None:
    """The picture, with no date, no random name and no font of this machine in it."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "setpoint", "svg.fonttype": "none", "font.size": 10})
    from matplotlib import pyplot as plt

    figure, (above, below) = plt.subplots(
        2, 1, figsize=(8.4, 4.4), height_ratios=(3, 1.2), sharex=True, layout="constrained"
    )
    hours = [value["hour"] for value in rows]
    sales(above, hours, rows)
    win_rate(below, hours, rows)
    for axes in (above, below):
        axes.axvspan(OUTAGE.starts, OUTAGE.ends, color="#d64545", alpha=0.10, linewidth=0)
        axes.axvline(PROMOTION.starts, color=INK, linewidth=0.8, linestyle=":")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
    figure.savefig(file, metadata={"Date": None, "Creator": "docs/pictures/first_screen.py"})
    plt.close(figure)


def sales(axes, hours, rows):
    low, high = 100 * float(rows[0]["low"]), 100 * float(rows[0]["high"])
    axes.axhspan(low, high, color=GREEN, alpha=0.12, linewidth=0)
    axes.plot(hours, percent(rows, "left_alone"), color=GREY, linewidth=1.3)
    axes.plot(hours, percent(rows, "kept"), color=GREEN, linewidth=1.8)
    axes.set(ylabel="sales, % of target", ylim=(55, 152), xlim=(hours[0], hours[-1]))
    axes.text(PROMOTION.starts + 0.2, 141, "a competitor's promotion: demand \N{MINUS SIGN}25 %", color=INK)
    axes.text(OUTAGE.starts + 0.2, 141, "sensor dead", color="#a33030")
    axes.text(8.0, 60, "the same luck, win-rate left alone", color=GREY)
    axes.text(8.0, high + 3, "win-rate turned by Setpoint", color=GREEN)
    axes.text(13.0, high - 4.5, "band", color=GREEN, fontsize=8)


def win_rate(axes, hours, rows):
    axes.step(hours, percent(rows, "win_rate"), where="post", color=AMBER, linewidth=1.5)
    axes.text(OUTAGE.starts + 0.2, 11.2, "held", color="#a33030", fontsize=8)
    axes.text(OUTAGE.starts + 2.6, 4.2, "safe", color="#a33030", fontsize=8)
    axes.set(
        ylabel="win-rate, %",
        ylim=(0, 13.5),
        xlabel=BELOW,
    )


def percent(rows, name):
    return [100 * float(value[name]) if value[name] != "" else float("nan") for value in rows]


def main(folder: Path) -> None:
    rows = numbers()
    save(rows, folder / "first_screen.csv")
    draw(rows, folder / "first_screen.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
