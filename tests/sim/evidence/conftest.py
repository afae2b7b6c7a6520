"""A market fitted to the tables that come with Setpoint, once for all tests."""

from importlib.resources import files
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def market_file(tmp_path_factory):
    """Its file."""
    from sim.calibration import file
    from sim.calibration.asked import Asked
    from sim.calibration.report import Order, calibrate

    data = Path(str(files("sim").joinpath("data", "cj_softdrinks_hourly.csv")))
    found = calibrate(data, Asked(now=1.79e9, gaps="zero"), Order(draws=8), lambda text: None)
    path = tmp_path_factory.mktemp("market") / "market.json"
    file.write(found.market, path)
    return path


@pytest.fixture(scope="session")
def market(market_file):
    """The market itself."""
    from sim.calibration import read

    return read(market_file)
