"""Certificates for tests: one that is passed and young, of any campaign, with what a test wants otherwise."""

from controller.certificates import Certificate, GateResult, MarketUsed, Trials, issue, write
from controller.clock import DAY
from controller.config import load

GATES = (
    GateResult("loss", True, "J 0.021, best fixed setting 0.034"),
    GateResult("zero_gain", True, "31 % of the budget spent, allowed 60 %"),
)
RUNS = Trials(
    scenarios=("steady", "zero_gain"), weeks=4.0, seeds=20, root_seed=7, posterior_draws=50,
    mechanisms=("prospect", "expected_value"),
)  # fmt: skip
CALIBRATED = MarketUsed(kind="cap_lottery", calibration="5f" * 32)
UNCALIBRATED = MarketUsed(kind="cap_lottery")
ISSUED = 1_749_988_800.0
"""2025-06-15T12:00:00Z"""
DATA_UNTIL = ISSUED - 10 * DAY


def certificate(campaign, issued_at=ISSUED, data_until=None, **changes) -> Certificate:
    """A certificate of a campaign; its data end ten days before the issue unless said otherwise."""
    until = issued_at - 10 * DAY if data_until is None else data_until
    about = {"gates": GATES, "runs": RUNS, "market": CALIBRATED, "data_until": until, **changes}
    return issue(campaign, issued_at=issued_at, **about)


def uncalibrated(campaign, **changes) -> Certificate:
    """One whose market was fitted to nothing."""
    return issue(
        campaign, gates=GATES, runs=RUNS, market=UNCALIBRATED, issued_at=ISSUED, data_until=None, **changes
    )


def failed(campaign, **changes) -> Certificate:
    """One that was issued, and not passed."""
    burnt = GateResult("zero_gain", False, "104 % of the budget spent, allowed 60 %")
    return certificate(campaign, gates=(GATES[0], burnt), **changes)


def put(path, config, **changes) -> Certificate:
    """Write the certificate of a campaign's file to a path."""
    made = certificate(load(config), **changes)
    write(made, path)
    return made
