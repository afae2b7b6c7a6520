"""What must hold between entries: each rule of rules.txt broken once, in a campaign that is otherwise whole."""

import re
from pathlib import Path

import pytest

from controller.config import loads
from tests.config.sample import TEXT, changed, complaint, said


def test_the_sample_is_whole():
    assert said(TEXT) == []


RULES = Path(__file__).with_name("rules.txt").read_text()
ROW = re.compile(r"^from `(.*)`\nto   `(.*)`\nsays (.*)$", re.MULTILINE)


@pytest.mark.parametrize(("old", "new", "expected"), ROW.findall(RULES))
def test_each_rule_is_told_once_and_where(old, new, expected):
    assert complaint(old, new).startswith(expected)


def test_a_missing_name_and_an_unknown_key():
    lines = said(changed("campaign: sample", "campain: sample"))
    assert lines[0].startswith("1:1 campaign: this key is required")
    assert lines[1].startswith("1:1 campain: unknown key 'campain'; did you mean 'campaign'?")


def test_a_cell_that_is_measured_exists():
    lines = said(changed("measure: units", 'measure: "units[nroth]"'))
    assert any(
        "loops.sales.measure: no cell is called 'nroth'; did you mean 'north'?" in line for line in lines
    )


def test_two_loops_on_one_actuator_need_a_selector():
    text = changed("{coupon: raises}", "{win_rate: raises}").replace("step: 1 CNY", "step: 1 point")
    owners = "17:71 loops.redeem.move.win_rate: two owners: loops sales and redeem both move win_rate"
    assert said(text) == [
        f"{owners}, allowed: one loop, or `select: {{win_rate: {{lowest: [sales, redeem]}}}}`"
    ]
    assert said(text + "select: {win_rate: {lowest: [sales, redeem]}}\n") == []


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("{coupon: {lowest: [sales, redeem]}}", "loop sales does not move coupon"),
        ("{coupon: {lowest: [redeem]}}", "there is nothing to select from"),
        ("{coupon: {lowest: [redeem, sale]}}", "no loop is called 'sale'; did you mean 'sales'?"),
        ("{coupn: {lowest: [redeem, sales]}}", "no actuator is called 'coupn'"),
        ("{coupon: {}}", "exactly one rule is needed"),
    ],
)
def test_selectors_name_what_competes(select, expected):
    assert any(expected in line for line in said(f"{TEXT}select: {select}\n"))


def seasons(first, second):
    text = changed("{coupon: raises}", "{win_rate: raises}").replace("step: 1 CNY", "step: 1 point")
    text = text.replace("sales: {every", f"sales: {{when: {first}, every").replace(
        "redeem: {every", f"redeem: {{when: {second}, every"
    )
    return [line for line in said(text) if "two owners" in line]


def test_seasons_that_never_meet_share_an_actuator():
    assert seasons("{from: 05-01, to: 09-30}", "{from: 11-01, to: 03-31}") == []
    assert len(seasons("{from: 05-01, to: 11-01}", "{from: 11-01, to: 03-31}")) == 1


def cascade(*edges):
    """A campaign whose loops move each other's targets; the last of each chain moves an actuator of its own."""
    sensors = "".join(f"  s{n}: {{kind: 'tests.config.parts:Gauge', unit: units/h}}\n" for n in range(3))
    loops = "".join(
        f"  l{n}: {{every: 1h, measure: s{n}, target: {{keep_at: 5 units/h, limits: [1 units/h, 9 units/h]}}, "
        f"move: {{{move}: raises}}, policy: {{kind: pid, gain: 1}}}}\n"
        for n, move in enumerate(edges)
    )
    actuator = "{kind: 'tests.config.parts:Gauge', start: 1, safe: 1, limits: [0, 9]}"
    text = f"campaign: cascade\nsensors:\n{sensors}actuators: {{a: {actuator}}}\nloops:\n{loops}"
    return [line for line in said(text) if "not available" not in line]


def test_a_cascade_may_not_lead_back_to_itself():
    assert cascade("l1.target", "l2.target", "a") == []
    assert cascade("l1.target", "l0.target", "a") == [
        "8:101 loops.l0.move.l1.target: a cascade that leads back to itself: l0 -> l1 -> l0"
    ]
    assert len(cascade("l1.target", "l2.target", "l0.target")) == 1
    assert "l0 -> l0" in cascade("l0.target", "a", "l1.target")[0]


def test_a_target_has_one_owner():
    assert "two owners: loops l0 and l1 both move l2.target" in cascade("l2.target", "l2.target", "a")[0]


def test_auto_needs_somebody_who_enforces_the_lease():
    auto = TEXT + "mode: auto\n"
    nobody = (
        "22:7 mode: nobody brings coupon back to its safe value when the daemon is gone, received mode: auto"
    )
    assert said(auto) == [f"{nobody}, allowed: lease_by: target or watchdog, or `auto_accepts: [coupon]`"]
    assert said(auto + "auto_accepts: [coupon]\n") == []


def test_a_policy_that_keeps_a_level_can_not_maximise():
    lines = said(changed("target: {keep_above: 8%}", "target: maximise"))
    assert any("updown keeps a level, it can't maximise" in line for line in lines)


@pytest.mark.parametrize("text", ["", "[]", "5", "a text"])
def test_what_is_no_campaign_at_all(text):
    assert "no campaign here" in said(text)[0]


def test_a_shape_is_read_from_beside_the_config(tmp_path):
    text = changed("band: 5%", "band: 5%, shape: week.csv")
    assert "can't read" in said(text, folder=str(tmp_path))[0]
    assert "no folder to find a file in" in said(text)[0]
    for body, expected in [
        ("1\n" * 167, "received 167 weights, allowed: 168"),
        ("hour,weight\n" + "1\n" * 168, None),
        ("2\n" * 168, "received a mean of 2"),
        ("-1\n" + "1\n" * 167, "a weight is not below zero, received -1"),
        ("1\n" * 100 + "one\n" + "1\n" * 67, "row 101 is 'one'"),
        ("".join(f"{hour + 1},1\n" for hour in range(168)), "hours are not 0 to 167 in order"),
    ]:
        (tmp_path / "week.csv").write_text(body)
        lines = said(text, folder=str(tmp_path))
        assert (lines == []) if expected is None else (expected in lines[0]), lines
    (tmp_path / "week.csv").write_text("0.998\n" * 84 + "1.01\n" * 84)
    weights = loads(text, folder=str(tmp_path)).loops["sales"].target.shape.weights
    assert sum(weights) / 168 == pytest.approx(1.0, abs=1e-12)


def test_cells_are_read_from_beside_the_config(tmp_path):
    text = changed("{by: store, names: [north, south]}", "{by: store, from: stores.csv}")
    (tmp_path / "stores.csv").write_text("name,city,timezone\nnorth,Harbin,\nsouth,Sanya,Asia/Bangkok\n")
    cells = loads(text, folder=str(tmp_path)).cells
    assert cells.names == ("north", "south")
    assert cells.timezones == {"south": "Asia/Bangkok"}
    (tmp_path / "stores.csv").write_text("store\nnorth\n")
    assert "no column is called 'name'" in said(text, folder=str(tmp_path))[0]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("rate * 2", None),
        (
            "rote * 2",
            "sensors.made: no sensor is called 'rote'; did you mean 'rate'? known: paid, rate, units",
        ),
        ("made / rate", "sensors.made: made is worked out itself, allowed: sensors that are read"),
        ("rate *", "sensors.made: not a formula, received 'rate *'"),
    ],
)
def test_a_formula_is_made_of_sensors_that_are_read(formula, expected):
    lines = said(
        changed("  paid: {", f"  made: {{kind: formula, value: {formula}, unit: share}}\n  paid: {{")
    )
    assert (lines == []) if expected is None else (len(lines) == 1 and expected in lines[0])


EVENT = "events: {{fair: {{kind: holiday, from: 2026-07-10, to: 2026-07-11, expected: {expected}}}}}\n"


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("3 CNY", "received '3 CNY', allowed: a share of the target (25%, -30%)"),
        ("-100%", "nothing can fall by all"),
    ],
)
def test_the_size_of_an_event_fits_what_is_measured(expected, told):
    assert any(
        "events.fair.expected" in row and told in row for row in said(TEXT + EVENT.format(expected=expected))
    )
