"""What docs/forecast.md says holds: its example loads, its arithmetic is the code's."""

from pathlib import Path

import numpy as np
import pytest

from controller.config import loads
from controller.inspection.promises import unheeded, unlearnt
from controller.policies.pid import Feedforward

PAGE = (Path(__file__).parents[2] / "docs" / "forecast.md").read_text()
EXAMPLE = (
    "campaign: page\nruns: {from: 2026-09-01, to: 2026-09-30}\n" + PAGE.split("```yaml\n")[1].split("```")[0]
)


def test_the_example_loads_and_check_says_what_the_page_says():
    campaign = loads(EXAMPLE)
    assert not list(unheeded(campaign))
    assert [found.path[1] for found in unlearnt(campaign)] == ["sales"]


def test_the_arithmetic_is_the_code_s():
    told = loads(EXAMPLE).loops["sales"].policy.settings.feedforward
    assert told == Feedforward(gain=0.6, ahead=4 * 3600.0)
    move = told.counter(0.09, 1.0, np.full((1, 97), -0.2), 7200.0)[0]
    assert "9 points x (1 / 0.8 - 1) / 0.6 = 3.75 points" in PAGE
    assert move == pytest.approx(0.0375)
