"""`setpoint check`: what it shows, and what it says of each fault, against a small real server."""

import re

import pytest

from tests.cli.served import Served
from tests.house.places import python
from tests.support.server import Server

CAMPAIGN = """\
campaign: summer
runs: {{from: 2026-06-01, to: 2036-09-30, timezone: Asia/Shanghai, scan: 1m}}
sensors:
  units:
    {{kind: prometheus, url: "{url}", query: 'sum(increase(units_scanned_total[1h]))', unit: units/h, window: 1h,
     stale_after: 3h, plausible: [0, 200000]}}
  paid: {{kind: prometheus, url: "{url}", query: 'sum(prize_paid_cny_total)', unit: CNY, counter: true}}
actuators:
  win_rate: {{kind: http, url: "{url}/odds", unit: share, start: 3%, safe: 3%, limits: [3%, 12%], max_step: 1 point,
              resolution: 0.01 points, lease: 3h, lease_by: target}}
budgets: {{prizes: {{total: 500000 CNY, plan: even, paid: paid, worst_per_hour: 4000 CNY}}}}
loops:
  sales: {{every: 1h, measure: units, target: {{keep_at: 28000 units/day, band: 5%, over: 1d}},
           move: {{win_rate: raises}}, pays_from: prizes, policy: {{kind: updown, step: 0.5 points}}}}
mode: advise
"""
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def served():
    world = Served()
    with Server(world) as server:
        world.url = server.url
        yield world


@pytest.fixture
def written(tmp_path, served):
    """Writes the campaign with some texts exchanged, and gives its path."""

    def write(*changes):
        text = CAMPAIGN.format(url=served.url)
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = tmp_path / "campaign.yaml"
        path.write_text(text)
        return path

    return write


def test_shows_each_value_with_unit_age_and_count(call, written):
    text = call("check", written()).stdout
    assert re.search(r"units  1,187 units/h  (29|30|31) s old  count not told\n", text)
    assert re.search(r"paid   31,200.00 CNY  (29|30|31) s old  count not told\n", text)
    assert "nothing is wrong" in text


def test_shows_what_is_in_force_the_lease_and_who_enforces_it(call, written):
    text = call("check", written()).stdout
    assert "win_rate  3.00 % in force  limits 3.00 % to 12.00 %  lease 3h: the target itself" in text


def test_shows_the_noise_floor_and_the_overspend_bound(call, written):
    text = call("check", written()).stdout
    assert "loops.sales: counting noise 0.6% in 1d, band 5%: at best 100% of the windows lie inside" in text
    assert "up to 12,000 CNY can be spent beyond it (4,000 CNY an hour for 3 h)" in text


def test_changes_nothing_outside(call, written, served):
    call("check", written())
    assert served.orders == []


def test_a_wrong_metric_name_gives_the_nearest(call, written):
    path = written(("sum(increase(units_scanned_total[1h]))", "sum(increase(unit_scanned_total[1h]))"))
    text = call("check", path, code=1).stdout
    place = f"{path}:5:5 sensors.units: it has no value"
    assert f"{place}: the source has no 'unit_scanned_total'; did you mean 'units_scanned_total'?" in text
    assert "1 thing is wrong" in text


def test_a_wrong_metric_of_a_page_gives_the_nearest(call, written, served):
    path = written(
        (f'{{kind: prometheus, url: "{served.url}", query: \'sum(prize_paid_cny_total)\'',
         f'{{kind: metrics_page, url: "{served.url}/metrics", metric: prize_payed_cny_total'),
    )  # fmt: skip
    text = call("check", path, code=1).stdout
    assert "the source has no 'prize_payed_cny_total'; did you mean 'prize_paid_cny_total'" in text


def test_an_unreachable_address_is_said_of_each_port(call, written, served):
    path = written((f'kind: http, url: "{served.url}/odds"', f'kind: http, url: "{NOWHERE}/odds"'))
    text = call("check", path, code=1).stdout
    assert "actuators.win_rate: " in text
    assert "can't connect to 127.0.0.1:1" in text


def test_an_unreachable_sensor_is_said(call, written, served):
    path = written((f'"{served.url}", query: \'sum(prize', f'"{NOWHERE}", query: \'sum(prize'))
    found = call.json("check", path, code=1)
    assert not found["ok"]
    assert [problem["path"] for problem in found["problems"]] == ["sensors.paid"]
    assert "can't connect to 127.0.0.1:1" in found["problems"][0]["text"]
    assert found["sensors"]["paid"]["value"] is None


SHARE = """\
  redeemed: {{kind: prometheus, url: "{url}", query: redeemed_share, unit: share, plausible: [0%, 100%]}}
actuators:"""


def test_a_percent_where_a_share_was_declared_is_recognised(call, written, served):
    path = written(("actuators:", SHARE.format(url=served.url)))
    call("check", path)
    served.metrics["redeemed_share"] = 3.1
    text = call("check", path, code=1).stdout
    assert (
        "sensors.redeemed: reads 3.1 where a share was declared, which is 0 to 1: it looks like percent"
        in text
    )
    assert "divide the query by 100" in text


def test_a_percent_at_an_actuator_is_recognised(call, written, served):
    served.in_force = 3.0
    text = call("check", written(), code=1).stdout
    assert (
        "actuators.win_rate: reads 3 where a share was declared, which is 0 to 1: it looks like percent"
        in text
    )


def test_a_band_narrower_than_its_noise_is_unreachable(call, written):
    path = written(("band: 5%, over: 1d", "band: 1%, over: 1h"))
    text = call("check", path, code=1).stdout
    assert "loops.sales.target.band: counting noise 2.93% in 1h, band 1%: at best 27% of the windows" in text
    assert "unreachable: widen it to 2.9%, or judge it over longer" in text


def test_a_days_count_for_an_hours_is_hinted_at(call, written, served):
    served.metrics["units_scanned_total"] = 28_000.0
    text = call("check", written(), code=1).stdout
    assert (
        "reads 28000 against a target of 1166.67 units/h, a factor of 24: a day's count where the unit says an hour"
        in text
    )


def test_a_negative_count_is_a_turned_sign(call, written, served):
    served.metrics["units_scanned_total"] = -1187.0
    text = call("check", written(), code=1).stdout
    assert (
        "reads -1187 units/h, which is not plausible, allowed: 0 units/h to 200000 units/h; is something subtracted"
        in text
    )


def test_an_old_sample_is_told_with_its_age(call, written, served):
    served.age = 4 * 3600.0
    text = call("check", written(), code=1).stdout
    assert re.search(r"sensors.units: its sample is (4h|14401s) old, allowed: 3h \(stale_after\)", text)


def test_what_lies_outside_its_limits_is_worth_knowing(call, written, served):
    served.in_force = 0.2
    found = call.json("check", written())
    assert found["ok"]
    assert found["notes"][0]["text"].startswith("has 20% in force, outside its limits, allowed: 3% to 12%")


def test_an_unset_variable_is_named(call, written, served):
    path = written((f'"{served.url}", query: \'sum(prize', '"${env:NOT_SET_HERE}", query: \'sum(prize'))
    text = call("check", path, code=1).stdout
    assert "sensors.paid: " in text
    assert "environment variable NOT_SET_HERE is not set" in text


MARKET = """\
market: {kind: cap_lottery, signals: {units: units_scanned, paid: prizes_paid}, levers: {win_rate: win_probability}}
mode: advise"""


def unplugged(written, served):
    path = written(("mode: advise", MARKET))
    path.write_text(path.read_text().replace(served.url, NOWHERE))
    return path


def test_a_file_for_the_market_passes_though_nothing_answers_yet(call, written, served):
    found = call.json("check", unplugged(written, served))
    assert found["ok"]
    assert "fit for `setpoint simulate`, not yet for `setpoint run`" in found["notes"][-1]["text"]
    assert {note["path"] for note in found["notes"]} >= {
        "sensors.units",
        "sensors.paid",
        "actuators.win_rate",
    }


def test_live_insists_on_an_answer(call, written, served):
    found = call.json("check", "--live", unplugged(written, served), code=1)
    assert {problem["path"] for problem in found["problems"]} == {
        "sensors.units",
        "sensors.paid",
        "actuators.win_rate",
    }


def test_a_market_excuses_nothing_once_a_sensor_answers(call, written, served):
    path = written(
        ("mode: advise", MARKET), (f'"{served.url}", query: \'sum(prize', f'"{NOWHERE}", query: \'sum(prize')
    )
    found = call.json("check", path, code=1)
    assert [problem["path"] for problem in found["problems"]] == ["sensors.paid"]


def test_offline_asks_nobody(call, written, served):
    path = unplugged(written, served)
    text = call("check", "--offline", path).stdout
    assert "not asked (--offline)" in text
    assert "counting noise" in text


def test_all_faults_of_a_file_come_at_once_with_their_places(call, written):
    path = written(("max_step: 1 point", "max_step: 1%"), ("measure: units", "measure: unitz"))
    result = call("check", path, code=3)
    assert f"{path}:9:" in result.stderr
    assert "actuators.win_rate.max_step" in result.stderr
    assert "did you mean 'units'?" in result.stderr
    assert "2 things are wrong" in result.stderr


def test_faults_of_a_file_as_json(call, written):
    found = call.json("check", written(("max_step: 1 point", "max_step: 1%")), code=3)
    assert not found["ok"]
    assert [problem["path"] for problem in found["problems"]] == ["actuators.win_rate.max_step"]


def test_a_missing_file_is_the_command_line_s_fault(call):
    assert "does not exist" in call("check", "nowhere.yaml", code=2).stderr


def test_no_secret_is_shown(call, written, served, monkeypatch):
    monkeypatch.setenv("WHERE", f"{NOWHERE}/planted-s3cret")
    path = written((f'"{served.url}", query: \'sum(prize', '"${env:WHERE}", query: \'sum(prize'))
    result = call("check", path, code=1)
    assert "planted-s3cret" not in result.output


RUN = """
import sys
from controller.cli import main
sys.argv = ["setpoint", "check", sys.argv[1]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_loads_neither_pandas_nor_scipy(written):
    run = python("-c", RUN, str(written()))
    assert run.returncode == 0, run.stderr
    assert {"pandas", "scipy"}.isdisjoint(run.stdout.rpartition("LOADED")[2].split())
