"""The http actuator against a target that fails as real ones do; judged by what reached the target."""

from dataclasses import replace

import numpy as np
import pytest

from controller.checks.actuators import order
from controller.errors import Refused, Unreachable
from controller.io.signing import verified
from controller.plan import Actuator
from controller.quantities import QuantityError, Template
from controller.registry import find
from controller.signals import Epoch, Landing
from tests.actuators.worlds import KEY, HttpWorld
from tests.support.server import (
    Reply,
    applied_then,
    applied_then_reset,
    as_json,
    half_body,
    reset,
    silent,
    status,
)


@pytest.fixture
def world():
    made = HttpWorld(("all",), timeout=0.3)
    yield made
    made.close()


@pytest.fixture
def stores():
    made = HttpWorld()
    yield made
    made.close()


def test_an_order_on_the_wire(world):
    sent = order(world, 7, 0.0625, term=3)
    world.actuator().apply(sent)
    [seen] = world.server.seen
    assert seen.json == {
        "id": "campaign.output.3.7",
        "channel": "output",
        "epoch": [3, 7],
        "issued_at": world.now,
        "lease": 3600.0,
        "value": 0.0625,
        "fallback": 0.03125,
        "suspend": False,
    }
    assert seen.headers["idempotency-key"] == "campaign.output.3.7"
    assert seen.headers["content-type"] == "application/json"
    assert verified(KEY, seen.headers, seen.body, world.now)


def test_cells_are_named_on_the_wire(stores):
    suspended = replace(order(stores, 1, 0.5), suspend=np.array([False, True, False]))
    stores.actuator().apply(suspended)
    sent = stores.server.seen[0].json
    assert sent["value"] == {"s1": 0.5, "s2": 0.5 + 1 / 1024, "s3": 0.5 + 2 / 1024}
    assert sent["suspend"] == {"s1": False, "s2": True, "s3": False}


@pytest.mark.parametrize(
    "step",
    [
        status(500),
        status(503),
        status(429, {"Retry-After": "0"}),
        status(408),
        reset(),
        silent(),
        half_body(),
        applied_then(500),
        applied_then_reset(),
    ],
)
def test_after_an_open_outcome_the_same_request_is_sent_again_within_the_tick(world, step):
    world.server.script(step, step)
    wanted = order(world, 1, 0.0625)
    receipt = world.actuator().apply(wanted)
    bodies = {seen.body for seen in world.server.seen}
    assert (len(world.server.seen), len(bodies)) == (3, 1)
    assert len(world.target.applied) == 1
    assert receipt.landing.tolist() == [Landing.UNCONFIRMED]
    assert world.actuator().read_back().value == wanted.value


@pytest.mark.parametrize("step", [status(500), reset(), applied_then_reset(), silent()])
def test_tries_are_bounded_and_then_the_outcome_is_said_to_be_open(world, step):
    world.server.always(step)
    with pytest.raises(Unreachable, match=r"campaign\.output\.1\.1"):
        world.actuator().apply(order(world, 1, 0.0625))
    assert len(world.server.seen) == 3
    world.server.always(None)
    world.actuator().apply(order(world, 1, 0.0625))
    assert len(world.target.applied) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "answered 400: no .*expected 2xx"),
        (401, "401"),
        (404, "404"),
        (422, "422"),
        (301, "301"),
        (409, "superseded, a newer order is in force"),
        (412, "superseded"),
    ],
)
def test_a_no_is_final_and_is_asked_for_once(world, code, words):
    world.server.always(status(code, {"Location": "/elsewhere"}, b"no"))
    with pytest.raises(Refused, match=words):
        world.actuator().apply(order(world, 1, 0.0625))
    assert len(world.server.seen) == 1


def test_a_longer_wait_than_the_tick_has_is_left_to_the_next_tick(world):
    world.server.always(status(429, {"Retry-After": "120"}))
    with pytest.raises(Unreachable, match="429"):
        world.actuator().apply(order(world, 1, 0.0625))
    assert len(world.server.seen) == 1


def test_a_shorter_wait_is_kept(world):
    actuator = world.actuator()
    waits = []
    for header in ("2", "Mon, 01 Jun 2026 12:00:03 GMT", "soon"):
        world.server.script(status(429, {"Retry-After": header}))
        with pytest.raises(Unreachable) as caught:
            actuator._send(order(world, 1, 0.0625), b"{}", world.clock.monotonic() + 10)
        waits.append(actuator._again(caught.value, world.clock.monotonic() + 10))
    assert waits == [2.0, 3.0, True]


def test_nothing_more_is_tried_once_the_time_is_used_up(world):
    world.server.always(lambda handler, seen, app: (world.clock.advance(20.0), handler.reply(Reply(503))))
    with pytest.raises(Unreachable):
        world.actuator().apply(order(world, 1, 0.0625))
    assert len(world.server.seen) == 1


def test_versions_delivered_in_any_order_leave_the_newest_in_force(world):
    """Late duplicates of a network, delivered straight to the target, can't undo a newer order either."""
    old, new = order(world, 1, 0.0625), order(world, 2, 0.125)
    world.actuator().apply(old)
    world.actuator().apply(new)
    late = world.server.seen[0].json
    assert world.target.take(late).status == 409
    with pytest.raises(Refused, match="superseded"):
        world.actuator().apply(old)
    assert world.in_force() == new.value


def test_an_unsigned_order_is_refused_by_the_target(world):
    world.settings.pop("sign_with")
    with pytest.raises(Refused, match="bad signature"):
        world.actuator().apply(order(world, 1, 0.0625))


def test_a_key_that_is_not_set_is_named_and_nothing_is_sent(world):
    world.settings["sign_with"] = Template("${env:NOT_THERE}")
    with pytest.raises(Refused, match="NOT_THERE is not set; nothing was sent"):
        world.actuator().apply(order(world, 1, 0.0625))
    assert world.server.seen == []


# -- targets with a form of their own -------------------------------------------------------------------------------


def test_a_form_and_numbers_of_ones_own(world):
    world.settings |= {
        "method": "PATCH",
        "body": {"rules": [{"percent": "{value}", "until": "{lease_until}"}], "note": "by {id} at {term}.{sequence}"},
        "factor": 100.0,
        "read_path": "rules[0].percent",
    }  # fmt: skip
    world.server.always(lambda handler, seen, app: handler.reply(as_json({"rules": [{"percent": 7.0}]})))
    wanted = order(world, 2, 0.07, term=4)
    actuator = world.actuator()
    actuator.apply(wanted)
    [seen] = world.server.seen
    assert (seen.method, seen.json["rules"]) == ("PATCH", [{"percent": 7.0, "until": world.now + 3600}])
    assert seen.json["note"] == "by campaign.output.4.2 at 4.2"
    assert actuator.read_back().value == wanted.value


@pytest.mark.parametrize(
    ("decimals", "value", "number"), [(0, 0.031254, 31254), (2, 0.0312, 31200.0), (None, 0.1, 100_000.0)]
)
def test_parts_per_million_without_a_tail_of_binary_rounding(world, decimals, value, number):
    world.settings |= {"factor": 1e6, "decimals": decimals}
    world.actuator().apply(order(world, 1, value))
    sent = world.server.seen[0].json["value"]
    assert sent == number
    assert type(sent) is (int if decimals == 0 else float)


def test_cells_are_read_back_by_name(stores):
    stores.settings |= {"read_path": "stores[*].odds", "read_cell_path": "stores[*].id"}
    rows = [{"id": "s3", "odds": 0.3}, {"id": "s1", "odds": 0.1}, {"id": "x", "odds": "?"}]
    stores.server.always(lambda handler, seen, app: handler.reply(as_json({"stores": rows, "epoch": [2, 5]})))
    back = stores.actuator().read_back()
    assert back.value[[0, 2]].tolist() == [0.1, 0.3]
    assert np.isnan(back.value[1])
    assert back.landing.tolist() == [Landing.CONFIRMED, Landing.UNCONFIRMED, Landing.CONFIRMED]
    assert back.epoch == Epoch(2, 5)


@pytest.mark.parametrize(
    "body",
    [
        b'{"value": NaN}',
        b'{"value": null}',
        b'{"value": true}',
        b'{"value": "3"}',
        b"{}",
        b"[]",
        b"oops",
        b"",
    ],
)
def test_a_value_read_back_that_is_no_number_is_no_value(world, body):
    world.server.always(lambda handler, seen, app: handler.reply(Reply(200, body)))
    with pytest.raises(Unreachable, match="read-back from"):
        world.actuator().read_back()


def test_a_target_that_can_not_be_asked_leaves_everything_unconfirmed(world):
    world.settings["read_back"] = "none"
    actuator = world.actuator()
    actuator.apply(order(world, 1, 0.0625))
    back = actuator.read_back()
    assert np.isnan(back.value).all()
    assert back.landing.tolist() == [Landing.UNCONFIRMED]
    assert [seen.method for seen in world.server.seen] == ["POST"]


def test_settings_that_can_not_work_are_refused():
    member, url = find("actuator", "http"), Template("http://h/")
    with pytest.raises(QuantityError, match=r"no such part of an order, received '\{odds\}'"):
        member.settings(url=url, body={"a": ["{odds}"]})
    with pytest.raises(QuantityError, match="not a factor"):
        member.settings(url=url, factor=0.0)
    with pytest.raises(QuantityError, match="3 cells are read back from a single value"):
        member.cls(Actuator(kind="http"), member.settings(url=url, read_path="value"), HttpWorld().cells)
