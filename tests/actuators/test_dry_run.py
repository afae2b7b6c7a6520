"""dry_run: the start value before any order, the order while its lease lasts, then its fallback; each told once."""

import logging

from controller.checks.actuators import order
from tests.actuators.worlds import DryRunWorld


def test_start_then_order_then_fallback(caplog):
    world = DryRunWorld()
    lever, sent = world.actuator(), order(world, 1, 0.0625)
    assert lever.read_back().value.tolist() == [0.03] * 3
    with caplog.at_level(logging.INFO, "setpoint.actuator"):
        lever.apply(sent)
        lever.apply(sent)
    [said] = caplog.messages
    assert said.startswith("dry run: output would be {'s1': 0.0625, ")
    world.clock.advance(3600.0)
    assert lever.read_back().value.tolist() == sent.value.tolist()
    world.clock.advance(1.0)
    back = lever.read_back()
    assert (back.value.tolist(), back.note) == (sent.fallback.tolist(), "lease run out")


def test_what_is_done_to_a_receipt_does_not_reach_the_target():
    world = DryRunWorld()
    receipt = world.actuator().apply(order(world, 1, 0.0625))
    receipt.value[:] = 9.0
    assert world.in_force().tolist() == order(world, 1, 0.0625).value.tolist()
