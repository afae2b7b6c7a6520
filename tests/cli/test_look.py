"""`status`, `why`, `backup`, `schema`, `init`, and which store is meant."""

import json
from dataclasses import replace

import jsonschema
import pytest

from controller.cells import Cells
from controller.clock import iso
from controller.ports import OperatorCommand
from controller.store import SqliteStore
from tests.cli.conftest import run_campaign


def test_status_shows_mode_kpi_outputs_and_age(call, journal):
    text = call("status").stdout
    assert text.startswith("test  (setpoint.journal)\ndaemon:  not running; stopped at 2")
    assert "mode:    auto is asked for, auto is in force" in text
    assert "target 115.0 units/h  -1.5 %" in text
    assert "  win_rate  6.00 %  allowed 4.00 % to 6.00 %  followed" in text
    assert "alarms:  none" in text


def test_status_as_json(call, journal):
    found = call.json("status")
    assert found["campaign"] == "test"
    assert found["daemon"] is None
    assert found["loops"]["sales"]["target"] == 115.0
    assert found["loops"]["sales"]["state"] == "live"
    assert found["outputs"]["win_rate"]["value"] == pytest.approx(0.06)
    assert 0 <= found["last_record"]["age"] < 900  # written up to five minutes back, a while ago
    assert found["alarms"] == []


def test_status_while_a_daemon_runs(call, tmp_path):
    world = run_campaign(tmp_path / "setpoint.journal", turns=5)
    assert "daemon:  running: setpoint (process" in call("status").stdout
    world.close()


def test_status_tells_a_lost_sensor_and_what_holds(call, tmp_path):
    world = run_campaign(tmp_path / "setpoint.journal", turns=10)
    world.sensor.fault = lambda reading: replace(reading, value=reading.value * float("nan"))
    world.turns(8)
    world.close()
    text = call("status").stdout
    assert "HELD" in text
    assert "held bad data" in text
    assert call.json("status")["loops"]["sales"]["why"] == ["not_finite"]


def test_status_of_many_cells_gives_the_median(call, tmp_path):
    run_campaign(tmp_path / "setpoint.journal", turns=10, cells=Cells(("north", "south", "east"))).close()
    text = call("status").stdout
    assert "(3 cells, the median)" in text


def test_status_tells_orders_that_nobody_took(call, journal):
    call("hold", "--reason", "r")
    assert "orders:  1 not taken yet: no daemon is running" in call("status").stdout


def test_status_of_an_empty_journal(call, tmp_path):
    SqliteStore(tmp_path / "setpoint.journal").close()
    assert call("status").stdout == "no campaign yet  (setpoint.journal)\ndaemon:  not running\n"


def test_why_is_one_sentence_an_output(call, journal):
    text = call("why").stdout
    assert text.count("\n") == 1
    assert text[:2] == "20"
    assert "Win-rate raised from 5.00 % to 6.00 % (+1.00 points): sales" in text


def test_why_in_chinese(call, journal):
    assert "中奖率从" in call("why", "--lang", "zh").stdout


def test_why_of_the_last_moves(call, journal):
    lines = call("why", "--last", "3").stdout.splitlines()
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_why_at_a_moment(call, journal):
    store = SqliteStore(journal, readonly=True)
    times = [record.time for record in store.records(kinds=("tick",))]
    store.close()
    text = call("why", "--at", iso(times[12] + 30.0)).stdout
    assert text[:20] <= iso(times[12])
    assert iso(times[0])[:10] == text[:10] or iso(times[-1])[:10] == text[:10]
    early = call("why", "--at", "1990-01-01", code=1).stderr
    assert (
        f"the journal begins later, received 1990-01-01T00:00:00Z, allowed: from {iso(times[0])} on" in early
    )


def test_why_as_json_adds_up(call, journal):
    (told,) = call.json("why")
    assert told["channel"] == "win_rate"
    assert sum(told["terms"].values()) - told["held_back"] == pytest.approx(told["move"])
    assert told["reason"] == "followed"


def test_why_of_many_cells(call, tmp_path):
    run_campaign(tmp_path / "setpoint.journal", cells=Cells(("north", "south"))).close()
    assert "2 cells" in call("why").stdout or "of 2" in call("why").stdout
    assert call.json("why")[0]["example"]["cell"] in ("north", "south")
    assert call.json("why", "--cell", "south")[0]["cell"] == "south"
    assert "there is no cell 'souf'; did you mean 'south'?" in call("why", "--cell", "souf", code=1).stderr


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--output", "win_rat"], 1, "there is no actuator 'win_rat'; did you mean 'win_rate'?"),
        (["--at", "noon"], 2, "not a moment, received 'noon', allowed: 2026-06-01T08:00 (UTC)"),
        (["--at", "2026-01-01", "--last", "2"], 2, "--at and --last exclude each other"),
        (["--lang", "de"], 2, "'de' is not one of 'en', 'zh'"),
    ],
)
def test_why_refuses_in_words(call, journal, words, code, text):
    assert text in call("why", *words, code=code).stderr


def test_why_of_a_journal_without_ticks(call, tmp_path):
    SqliteStore(tmp_path / "setpoint.journal").close()
    assert "the journal holds no tick yet" in call("why", code=1).stderr


def test_why_follows_a_restart(call, tmp_path):
    path = tmp_path / "setpoint.journal"
    run_campaign(path).close()
    world = run_campaign(path, turns=2)
    world.close()
    assert len(call("why", "--last", "3").stdout.splitlines()) == 3


# -- the store ------------------------------------------------------------------------------------------------------


def test_the_store_is_found_by_one_rule(call, journal, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    missing = call("status", code=4).stderr
    assert (
        "there is no journal at setpoint.journal (by the default): give --store, --daemon or $SETPOINT_STORE"
        in missing
    )
    assert call.json("status", "--store", journal)["store"] == str(journal)
    daemon = tmp_path / "daemon.yaml"
    daemon.write_text("store: {path: setpoint.journal}\n")
    assert call.json("status", "--daemon", daemon)["store"] == str(journal)
    monkeypatch.setenv("SETPOINT_STORE", str(journal))
    assert call.json("status")["store"] == str(journal)
    assert "(by --store)" in call("status", "--store", "x.journal", code=4).stderr


def test_a_wrong_daemon_config_is_told_with_its_place(call, tmp_path):
    daemon = tmp_path / "daemon.yaml"
    daemon.write_text("stoer: {path: a}\n")
    assert (
        f"{daemon}:1:1 stoer: unknown key 'stoer'; did you mean 'store'?"
        in call("status", "--daemon", daemon, code=3).stderr
    )


def test_another_program_s_database_is_not_touched(call, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE a (b)")
    db.close()
    text = call("hold", "--reason", "r", "--store", tmp_path / "other.db", code=4).stderr
    assert "is a database of another program" in text


# -- backup, schema, init -------------------------------------------------------------------------------------------


def test_backup_beside_a_running_daemon(call, tmp_path):
    world = run_campaign(tmp_path / "setpoint.journal", turns=5)
    found = call.json("backup", "copy.journal")
    assert found["bytes"] == (tmp_path / "copy.journal").stat().st_size
    world.close()
    assert call.json("status", "--store", "copy.journal")["campaign"] == "test"
    assert "copy.journal exists: a backup overwrites nothing" in call("backup", "copy.journal", code=4).stderr


def test_schema_is_a_json_schema_that_takes_the_starter(call, tmp_path):
    from controller.config import yaml12

    schema = json.loads(call("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    call("init")
    text = (tmp_path / "campaign.yaml").read_text()
    jsonschema.Draft202012Validator(schema).validate(yaml12.read(text, "campaign.yaml").value)


def test_init_then_check(call, tmp_path):
    text = call("init").stdout
    assert text.startswith("campaign.yaml: written\n  setpoint check campaign.yaml")
    file = tmp_path / "campaign.yaml"
    file.write_text(
        file.read_text().replace(":9102/", ":1/")
    )  # where nobody answers, whatever runs on this machine
    assert "fit for `setpoint simulate`" in call("check", "campaign.yaml").stdout
    assert call.json("check", "--offline", "campaign.yaml")["ok"]


def test_init_overwrites_nothing(call, tmp_path):
    (tmp_path / "mine.yaml").write_text("mine")
    assert "mine.yaml is there already and is left as it is" in call("init", "mine.yaml", code=2).stderr
    assert (tmp_path / "mine.yaml").read_text() == "mine"


def test_init_takes_name_and_zone(call, tmp_path):
    assert call.json("init", "a.yaml", "--name", "autumn", "--timezone", "Asia/Shanghai")["file"] == "a.yaml"
    text = (tmp_path / "a.yaml").read_text()
    assert "campaign: autumn" in text
    assert "timezone: Asia/Shanghai" in text
    assert "Asia/Shangai" in call("init", "b.yaml", "--timezone", "Asia/Shangai", code=3).stderr
    assert not (tmp_path / "b.yaml").exists()


def test_init_where_nothing_can_be_written(call):
    assert (
        "can't write nowhere/a.yaml: No such file or directory"
        in call("init", "nowhere/a.yaml", code=2).stderr
    )


def test_orders_survive_between_lives(call, tmp_path):
    path = tmp_path / "setpoint.journal"
    run_campaign(path, turns=2).close()
    call("mode", "manual", "--reason", "r")
    store = SqliteStore(path, readonly=True)
    assert [order.verb for order in store.pending()] == ["mode"]
    assert isinstance(store.pending()[0], OperatorCommand)
    store.close()
