"""The file of a market: what is written is read back, and strangers, newer and damaged files are refused."""

import json

import numpy as np
import pytest

from controller.errors import ConfigError
from sim.calibration import read
from sim.calibration.asked import Asked
from sim.calibration.file import signed, text_of, write
from sim.calibration.posterior import ARRAYS
from sim.calibration.report import Order, calibrate
from tests.sim.calibration import kit


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = kit.file(tmp_path_factory.mktemp("data") / "sales.csv", days=91)
    return calibrate(path, Asked(timezone="Asia/Shanghai"), Order()).market


@pytest.fixture
def path(made, tmp_path):
    write(made, tmp_path / "market.json")
    return tmp_path / "market.json"


def test_what_is_written_is_read_back(made, path):
    again = read(path)
    for name in ("data", "treated", "closed", "gain", "seed", "digest"):
        assert getattr(again, name) == getattr(made, name), name
    assert again.passed is made.passed
    assert [row.statistic for row in again.holdout.rows] == [row.statistic for row in made.holdout.rows]
    for name in ARRAYS:
        assert np.allclose(
            getattr(again.posterior, name), getattr(made.posterior, name), rtol=1e-4, equal_nan=True
        )
    assert text_of(again) == path.read_text()
    assert signed(again).digest == again.digest == made.digest


def test_the_file_is_small_and_says_what_it_is(path):
    assert path.stat().st_size < 300_000
    data = json.loads(path.read_text())
    assert (data["kind"], data["version"]) == ("setpoint calibrated market", 1)
    assert len(data["data"]["digest"]) == 64
    assert {"passed", "treated", "gain", "holdout", "draws"} <= set(data)


def broken(path, change):
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(version=2), "version 2"),
        (lambda d: d.update(kind="certificate"), "another kind of file"),
        (lambda d: d.pop("gain"), "damaged"),
        (lambda d: d.update(passed=not d["passed"]), "it says passed"),
        (lambda d: d["holdout"]["rows"][0].update(recorded=1e9), "its hold-out table says|it says passed"),
        (lambda d: d["draws"]["sd"].pop(), "damaged"),
        (lambda d: d["draws"]["profile"][3].pop(), "damaged"),
        (lambda d: d["draws"]["dispersion"].__setitem__(0, 0.2), "dispersion must be 1"),
        (lambda d: d["draws"]["level"][0].__setitem__(0, None), "level holds"),
        (lambda d: d["draws"]["half_life"].__setitem__(0, 0.0), "must be above zero"),
        (lambda d: d["draws"].update(weeks=10_000), "do not fit"),
    ],
)
def test_strangers_newer_and_damaged_files_are_refused(path, change, words):
    broken(path, change)
    with pytest.raises(ConfigError, match=words):
        read(path)


@pytest.mark.parametrize("text", ["", "campaign: x\n", "[1, 2]", "\xff"])
def test_what_is_no_market_is_refused(tmp_path, text):
    path = tmp_path / "market.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match="no calibrated market"):
        read(path)
