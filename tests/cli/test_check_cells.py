"""`setpoint check` of many cells from one file, of a value worked out of others, and of what it can't promise."""

from datetime import UTC, datetime

import pytest

from controller.clock import SystemClock

CAMPAIGN = """\
campaign: stores
cells: {by: store, names: [north, south, east]}
sensors:
  units: {kind: csv_file, file: sales.csv, time_column: hour, cell_column: store, value_column: units, unit: units/h,
          window: 1h}
  visits: {kind: csv_file, file: sales.csv, time_column: hour, cell_column: store, value_column: visits, unit: units/h,
           window: 1h}
  rate: {kind: formula, value: units / visits, unit: share, min_count: 500}
actuators:
  reward: {kind: dry_run, unit: CNY, start: 2 CNY, safe: 2 CNY, limits: [2 CNY, 8 CNY]}
budgets:
  task: {total: 5000 CNY, plan: none, paid: paid, worst_per_hour: 10 CNY}
  spare: {total: 100 CNY, plan: none, paid: paid}
loops:
  sales: {every: 1h, measure: units, target: {keep_at: 40 units/h}, move: {reward: raises}, pays_from: task,
          policy: {kind: fixed}}
mode: advise
"""
PAID = "  paid: {kind: formula, value: units * 2, unit: CNY}\n"


@pytest.fixture
def stores(tmp_path):
    """Writes the campaign and an hour's sales: store -> units, visits."""

    def write(sold):
        hour = datetime.fromtimestamp(SystemClock().now() // 3600 * 3600 - 3600, UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
        rows = [f"{hour},{store},{units},{visits}\n" for store, (units, visits) in sold.items()]
        (tmp_path / "sales.csv").write_text("".join(["hour,store,units,visits\n", *rows]))
        path = tmp_path / "stores.yaml"
        path.write_text(CAMPAIGN.replace("actuators:", f"{PAID}actuators:"))
        return path

    return write


ALL = {"north": (40, 1000), "south": (50, 1000), "east": (30, 1000)}


def test_of_many_cells_it_shows_the_median_and_how_many_are_known(call, stores):
    text = call("check", stores(ALL)).stdout
    assert "units   40.0 units/h" in text
    assert "3 of 3 cells, the median" in text
    assert "rate    4.00 %" in text
    assert "2.00 CNY in force (3 cells, the median)" in text


def test_a_cell_without_a_value_is_counted(call, stores):
    found = call.json("check", stores({name: ALL[name] for name in ("north", "east")}), code=1)
    assert found["sensors"]["units"]["known"] == 2
    told = {problem["path"]: problem["text"] for problem in found["problems"]}
    assert told["sensors.units"].startswith("it has no value in 1 of 3 cells")


def test_the_cell_that_is_furthest_off_speaks(call, stores):
    text = call("check", stores({**ALL, "south": (4000, 1000)}), code=1).stdout
    assert "sensors.rate: reads 4 where a share was declared" in text


def test_a_file_that_is_not_there_is_said_with_what_rests_on_it(call, stores, tmp_path):
    path = stores(ALL)
    (tmp_path / "sales.csv").unlink()
    text = call("check", path, code=1).stdout
    assert "sales.csv" in text
    assert "sensors.rate: 'units / visits' needs units, visits, which gave no reading" in text


def test_what_nobody_enforces_and_nobody_spends_is_said(call, stores):
    text = call("check", stores(ALL)).stdout
    assert "no lease: nobody puts the safe value back when the daemon is gone" in text
    assert "task: not bounded while the daemon is down, since nobody enforces a lease" in text
    assert "budgets.spare: no loop pays from this budget, so nothing keeps to it" in text
    assert "loops.sales: no band, so nothing says when the target counts as kept" in text
