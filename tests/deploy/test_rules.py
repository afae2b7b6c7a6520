"""The Prometheus rules: valid, tested case by case, about metrics that exist, with a runbook for each alert."""

import re
import shutil
import subprocess

import pytest
import yaml

from controller.telemetry.register import BY_NAME, series_names
from tests.house.places import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
RULES = yaml.safe_load((FOLDER / "setpoint.rules.yml").read_text("utf-8"))
CASES = yaml.safe_load((FOLDER / "setpoint.test.yml").read_text("utf-8"))
ALL = [rule for group in RULES["groups"] for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in ALL if "alert" in rule}
RECORDED = {rule["record"] for rule in ALL if "record" in rule}


def promtool(*words):
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    return subprocess.run(
        [found, *words], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.real
@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "setpoint.rules.yml"),
        ("test", "rules", "setpoint.test.yml"),
        ("check", "config", "prometheus.yml"),
    ],
    ids=" ".join,
)
def test_promtool_finds_nothing_wrong(words):
    ran = promtool(*words)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.real
def test_promtool_would_find_a_broken_rule(tmp_path):
    planted = tmp_path / "broken.yml"
    planted.write_text('groups: [{name: a, rules: [{alert: A, expr: "sum(("}]}]', "utf-8")
    assert promtool("check", "rules", str(planted)).returncode != 0


def test_every_metric_that_rules_and_cases_name_exists():
    named = {name for rule in ALL for name in re.findall(r"\bsetpoint[:_][\w:]*", rule["expr"])}
    assert named <= series_names() | RECORDED
    series = [one["series"] for case in CASES["tests"] for one in case["input_series"]]
    assert {text.partition("{")[0] for text in series} <= series_names()


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.get("alert") or rule["record"])
def test_labels_that_a_rule_selects_by_belong_to_its_metrics(rule):
    for name, inside in re.findall(r"(setpoint_\w+)\{([^}]*)\}", rule["expr"]):
        selected = set(re.findall(r"(\w+)\s*=", inside))
        assert selected <= set(BY_NAME[name].all_labels)
    for inside in re.findall(r"\bby \(([^)]*)\)", rule["expr"]):
        by = {label.strip() for label in inside.split(",")} - {"instance", "job"}
        metrics = [BY_NAME[name] for name in re.findall(r"setpoint_\w+", rule["expr"]) if name in BY_NAME]
        assert not metrics or any(by <= set(metric.all_labels) for metric in metrics)


@pytest.mark.parametrize("rule", ALERTS.values(), ids=ALERTS)
def test_every_alert_waits_has_a_severity_and_a_runbook_that_is_there(rule):
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert rule["labels"]["severity"] in ("critical", "high", "low")
    file, _, anchor = rule["annotations"]["runbook"].partition("#")
    text = (ROOT / file).read_text("utf-8")
    assert re.search(rf"^#+ {re.escape(anchor)}$", text, re.MULTILINE), anchor
    assert rule["annotations"]["summary"]


def test_every_alert_has_a_case_in_which_it_fires():
    fired = {
        rule["alertname"] for case in CASES["tests"] for rule in case["alert_rule_test"] if rule["exp_alerts"]
    }
    assert fired == set(ALERTS)


def test_there_is_a_dead_man_alert():
    assert ALERTS["SetpointGone"]["expr"].startswith("absent(")
