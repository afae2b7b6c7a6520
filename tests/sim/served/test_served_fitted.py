"""`setpoint market --market`: a fitted market is served as a real server, counted or acted by persons."""

import pytest
from click.testing import CliRunner

from controller.cli import main
from tests.house.places import ROOT
from tests.support.markets import DAY, MarketProcess

CONFIG = ROOT / "configs" / "cap_lottery.yaml"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """The recorded soft drinks, fitted."""
    path = tmp_path_factory.mktemp("fitted") / "market.json"
    done = CliRunner().invoke(main, ["calibrate", "recorded", "--out", str(path)], prog_name="setpoint")
    assert done.exit_code == 0, done.output
    return path


def consumers(folder, fidelity):
    """The shipped lottery with consumers in the place of its plant, few enough to be fast."""
    text = CONFIG.read_text().replace(
        "kind: cap_lottery", f"kind: consumers\n  fidelity: {fidelity}\n  people: 4000"
    )
    text = text.replace("volume: 70", "volume: 2")
    (folder / "week.csv").write_bytes((CONFIG.parent / "week.csv").read_bytes())
    path = folder / f"{fidelity}.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("fidelity", ["counts", "agents"])
def test_a_fitted_market_is_served_in_both_fidelities(tmp_path, fitted, fidelity):
    config = consumers(tmp_path, fidelity)
    with MarketProcess(config, "--stepped", "--market", str(fitted), "--draw", "3") as market:
        client = market.client()
        said = client.get("/").json
        assert "Fitted: week's profile" in str(said)
        assert client.order(0.12).status == 200
        before = client.get("/signals").json["signals"]["units_scanned"]["value"]
        client.advance(2 * DAY)
        sold = client.get("/signals").json["signals"]["units_scanned"]["value"] - before
        assert 300 < sold < 3000, "two days of twice 243 units, and what the odds add"
        assert client.get("/signals").json["signals"]["prizes_won"]["value"] > 0


def test_a_draw_that_the_market_does_not_have_is_refused(fitted):
    words = ["market", str(CONFIG), "--market", str(fitted), "--draw", "99"]
    done = CliRunner().invoke(main, words, prog_name="setpoint")
    assert done.exit_code == 2
    assert "draws 0 to 31, received 99" in done.stderr
