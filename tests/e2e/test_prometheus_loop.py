"""The whole loop with nothing of ours in between: market, real Prometheus, daemon and back, each a process of its own.

Seconds for hours, so it runs at wall time; judged from the daemon's journal, and from the market's own books.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from controller.clock import iso
from controller.config import load
from sim import read_journal
from sim.served.build import serve
from sim.served.pace import by_hand
from tests.e2e.campaign import BAND, DAY, SCRAPE, SPEED, TARGET, write
from tests.support.daemons import Setup
from tests.support.lottery import DAEMON
from tests.support.markets import MarketProcess
from tests.support.prometheus import free_port, need_prometheus, prometheus

pytestmark = pytest.mark.real
JUDGED = 2 * DAY
"""Seconds of the wall that the KPI is judged over."""
ENDS = 34.0
"""Seconds of the wall from the market's start to the end of the play; the weekend comes after 36."""
SUNDAY = 1_780_185_600.0
"""A Sunday: the weekend's rush is over when the loop begins, and the next is 36 seconds away."""


class Files(Setup):
    """The daemon's files, with a campaign that is there already."""

    def __init__(self, folder: Path, file: Path) -> None:
        self.folder, self.campaign = folder, file
        self.journal, self.daemon = folder / "trial.journal", folder / "daemon.yaml"
        self.daemon.write_text(DAEMON.format(store=self.journal))


@dataclass
class Played:
    """What is left of a run."""

    ticks: pd.DataFrame
    """The journal's ticks, one row each."""
    truth: float
    """Units a second of the wall that the market counted over the judged ticks."""
    left_alone: float
    """The same of a market of the same luck whose win-rate nobody touched."""
    records: list
    exit_codes: tuple[int, ...]

    @property
    def judged(self) -> pd.DataFrame:
        """The last ticks."""
        return self.ticks.tail(JUDGED)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A daemon that was let into auto and had half a minute."""
    need_prometheus()
    folder, port = tmp_path_factory.mktemp("loop"), free_port()
    with prometheus(folder / "prometheus", config=SCRAPE.format(port=port)) as url:
        file = write(folder / "campaign.yaml", url, port)
        files = Files(folder, file)
        options = ("--port", str(port), "--speed", str(SPEED), "--starts", iso(SUNDAY))
        with MarketProcess(file, *options) as market, files.start() as daemon:
            client = market.client()
            daemon.ready()
            files.accept()
            daemon.until(lambda: files.records("intent"), "a first order")
            end = _origin(client) + ENDS
            daemon.until(lambda: files.records("tick")[-1].time >= end, "Friday", 2 * ENDS)
            daemon.stop()
            ticks = read_journal(files.journal)
            truth, alone = _counted(client, file, ticks.time.iloc[-1].timestamp())
            yield Played(ticks, truth, alone, files.records("intent", "tick"), (market.stop(),))


def _origin(client):
    """When the market began, by the wall."""
    now = client.get("/").json
    return now["now"] - (now["market_time"] - SUNDAY) / SPEED


def _counted(client, file, end):
    """Units a second that the market counted in the last days, and what its twin that was left alone did."""
    found = client.get(f"/signals?from={end - JUDGED}&to={end}").json
    twin = serve(load(file), by_hand(SUNDAY)).market
    upto = found["market_time"]
    twin.advance_to(upto)
    alone, _ = twin.window("units_scanned", upto, JUDGED * SPEED)
    return found["signals"]["units_scanned"]["value"] / JUDGED, float(alone[0]) / JUDGED


def test_the_kpi_is_kept_although_leaving_the_win_rate_alone_would_miss_it(played):
    kept = played.judged.process_value.to_numpy()
    assert np.isfinite(kept).all()
    assert abs(kept.mean() / TARGET - 1) <= BAND
    assert abs(played.truth / TARGET - 1) <= BAND
    assert played.left_alone / TARGET - 1 < -BAND


def test_the_win_rate_was_moved_in_auto_and_what_was_ordered_was_read_back(played):
    judged = played.judged
    assert (judged["mode"] == "auto").all()
    assert (judged.landing == "confirmed").all()
    assert judged.applied.min() > 0.03
    assert judged.applied.max() <= 0.12
    assert np.abs(np.diff(played.ticks.applied)).max() <= 0.01 + 1e-9
    ids = [
        order["id"] for row in played.records if row.kind == "intent" for order in row.data["orders"].values()
    ]
    assert len(ids) > 5


def test_no_sensor_was_lost_on_the_way(played):
    assert (played.judged["signal.units.latch"] == "live").all()


def test_the_market_ends_when_told(played):
    assert played.exit_codes == (0,)
