"""Events in a simulated market: what the file expects is what happens, and what it can't do is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.config import loads
from controller.errors import SetpointError
from models.draws import Draws
from sim.market.build import market_of
from sim.market.disturbances import demand_factor

TEXT = (Path(__file__).parents[3] / "configs" / "push_frequency.yaml").read_text()
FAIR = "events: {{fair: {{kind: price_promotion, from: 2026-07-14, to: 2026-07-15, {more}}}}}\n"


def market(more):
    campaign = loads(TEXT + FAIR.format(more=more))
    starts, _ = campaign.events["fair"].span(campaign.runs.timezone)
    return market_of(campaign, Draws(1), start=starts - 86_400.0)[0], starts


def test_demand_is_what_the_file_expects_from_the_first_moment_to_the_last():
    made, starts = market("expected: 25%")
    moments = (starts - 1, starts, starts + 2 * 86_400.0 - 1, starts + 2 * 86_400.0)
    assert [demand_factor(made.disturbances, each) for each in moments] == [1.0, 1.25, 1.25, 1.0]


def test_an_event_of_unknown_size_does_nothing():
    made, starts = market("cells: []")
    assert demand_factor(made.disturbances, starts + 1) == 1.0


def test_what_the_market_can_not_do_is_refused_by_name():
    campaign = loads(TEXT + FAIR.format(more="expected: 25%"))
    some = replace(campaign.events["fair"], cells=("north",))
    with pytest.raises(
        SetpointError, match=r"events\.fair\.cells: the simulated market changes demand as a whole"
    ):
        market_of(replace(campaign, events={"fair": some}), Draws(1), start=0.0)
