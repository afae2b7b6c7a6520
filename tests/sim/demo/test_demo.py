"""The demo as a user starts it: it opens, tells its story, and closes with figures that add up."""

import signal
import subprocess
import sys
import urllib.request

import pytest

WAIT = 100.0


def started(folder, *words):
    line = [sys.executable, "-m", "controller.cli", "demo", "--folder", str(folder), *words]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def opened(process):
    """The lines up to the target; then the show has begun."""
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("target"):
            return lines
    raise AssertionError("\n".join(lines))


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """A whole day at top speed, and what it answered meanwhile."""
    folder = tmp_path_factory.mktemp("demo")
    process = started(folder, "--seconds", "6")
    first = opened(process)
    line = next(line for line in first if line.startswith("page"))
    page, metrics = line.split()[1], line.split("metrics: ")[1].rstrip(")")
    answers = [urllib.request.urlopen(url, timeout=20).read().decode() for url in (page, metrics)]
    rest = process.stdout.read()
    assert process.wait(WAIT) == 0, rest
    return folder, "\n".join(first), answers, rest


def test_it_opens_with_page_market_and_target(day):
    _, first, answers, _ = day
    assert "nothing real is touched" in first
    assert "2000000 CNY" in first
    assert "<title>Setpoint</title>" in answers[0]
    assert 'setpoint_loop_process_value{campaign="cap-lottery-demo"' in answers[1]


def test_it_tells_the_promotion_the_dead_sensor_the_fallback_and_the_return(day):
    _, _, _, rest = day
    story = [
        "a competitor's promotion begins: demand -25 %",
        "why: Win-rate",
        "the sales sensor dies",
        "alarm: outputs that depend on units are held",
        "alarm: outputs that depend on units are at their safe value",
        "the sales feed is back",
        "alarm over: fallback of units",
        "The day, 25 hours",
    ]
    places = [rest.index(said) for said in story]
    assert [places[n] for n in (0, 2, 3, 4, 5, 6, 7)] == sorted(places[n] for n in (0, 2, 3, 4, 5, 6, 7))


def test_its_summary_says_what_control_was_worth(day):
    folder, _, _, rest = day
    row = next(line for line in rest.splitlines() if "hours in the band" in line).split()
    ours, twin = int(row[-2]), int(row[-1])
    assert (ours > twin) == ("Control did not help" not in rest)
    assert (folder / "demo.journal").exists()
    assert f"setpoint replay {folder / 'demo.journal'}" in rest


def test_ctrl_c_prints_the_summary(tmp_path):
    process = started(tmp_path, "--forever")
    opened(process)
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(WAIT) == 0, rest
    assert "hours in the band" in rest
