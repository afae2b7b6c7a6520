"""Log lines are JSON, name their decision, and hold no secret, whatever is thrown at them."""

import io
import json
import logging

import pytest

from controller.quantities.redaction import Template
from controller.telemetry import logs

SECRET = 'p4ss"w\u00f6rd'


@pytest.fixture
def lines():
    stream = io.StringIO()
    handler = logs.set_up("debug", "json", [Template("Bearer ${env:TOKEN}")], {"TOKEN": SECRET}, stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger(logs.ROOT).removeHandler(handler)
    logging.getLogger(logs.ROOT).propagate = True


def test_a_line_is_one_object_with_what_was_given(lines):
    logging.getLogger("setpoint.loop").info(
        "turn %s", 7, extra={"decision": 41, "channel": "win_rate", "x": float("nan")}
    )
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "setpoint.loop",
        "message": "turn 7",
        "decision": 41,
        "channel": "win_rate",
        "x": "nan",
    }


def test_no_secret_gets_through_in_text_extra_or_traceback(lines):
    log = logging.getLogger("setpoint.sensors")
    try:
        raise ValueError(f"GET http://h/?key={SECRET} failed")
    except ValueError:
        log.exception(
            "could not read with %s", SECRET, extra={"headers": {"authorization": f"Bearer {SECRET}"}}
        )
    (line,) = lines()
    text = json.dumps(line, ensure_ascii=False)
    assert SECRET not in text
    assert json.dumps(SECRET, ensure_ascii=False)[1:-1] not in text
    assert text.count("${env:TOKEN}") == 3
    assert "ValueError" in line["exception"]


def test_newlines_stay_inside_one_line_and_keys_never_collide(lines):
    logging.getLogger("setpoint").warning("a\nb", extra={"level": "mine", "time": 3})
    (line,) = lines()
    assert (line["message"], line["level"], line["level_"], line["time_"]) == ("a\nb", "warning", "mine", 3)


def test_setting_up_twice_writes_once(lines):
    stream = io.StringIO()
    handler = logs.set_up("info", "text", stream=stream)
    logging.getLogger("setpoint.loop").debug("unheard")
    logging.getLogger("setpoint.loop").info("heard", extra={"decision": 2})
    logging.getLogger(logs.ROOT).removeHandler(handler)
    assert lines() == []
    assert stream.getvalue().rstrip().endswith("info    heard decision=2")
