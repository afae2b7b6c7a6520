"""Scores of a loop that turns no actuator of its own."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from controller.config import loads
from controller.plan import Market
from sim.runs.scores import reversals
from tests.loop.test_cascade import CAMPAIGN


def test_a_loop_that_leads_another_is_judged_by_the_actuator_below_it():
    market = Market(kind="push_frequency", levers={"bid": "frequency"})
    campaign = replace(loads(CAMPAIGN), market=market)
    turned = {"frequency": np.array([3.0, 5.0, 0.0, 2.0])}
    trace = SimpleNamespace(reversals=turned.__getitem__)
    assert reversals(campaign, trace, replicas=2).tolist() == [4.0, 1.0]
