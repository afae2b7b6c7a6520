"""Two hundred stores in one campaign, from one query: each is steered by itself, and one that goes silent is alone."""

import numpy as np

from controller.assembly import assemble, cells_of
from controller.clock import TickMaker
from controller.config import loads
from controller.gates import SimulatedGate
from controller.life import begin
from controller.live import sensors_of
from controller.signals import Landing, Latch, Receipt, codes
from controller.store import MemoryStore
from models.draws import Draws
from tests.support.lottery import serving_document

NAMES = [f"store-{n:03d}" for n in range(200)]
CAMPAIGN = """
campaign: stores
runs: {{scan: 1m}}
cells: {{by: store, names: [{names}]}}
sensors:
  units: {{kind: http_json, url: "http://127.0.0.1:{port}/", value_path: "stores[*].units", cell_path: "stores[*].id",
          unit: units/h, stale_after: 5m, hold_for: 10m, plausible: [0, 1000]}}
actuators:
  win_rate: {{kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%], resolution: 0.01 points}}
loops:
  sales: {{every: 1m, measure: units, target: {{keep_at: {{store-000: 90 units/h, others: 110 units/h}}, band: 5%}},
          move: {{win_rate: raises}}, policy: {{kind: pid, gain: 0.8, integral_time: 8m}}}}
mode: auto
auto_accepts: [win_rate]
"""


class Levers:
    """Two hundred levers that answer at once."""

    def __init__(self):
        self.value, self.orders = np.full(200, 0.03), 0

    def apply(self, command):
        self.value, self.orders = command.value.copy(), self.orders + 1
        return Receipt("win_rate", self.value, codes(200, Landing.CONFIRMED))

    def read_back(self):
        return Receipt("win_rate", self.value, codes(200, Landing.CONFIRMED))


def test_two_hundred_stores_run_in_one_campaign_from_one_query():
    levers, asked, silent = Levers(), [], set()

    def document():
        asked.append(1)
        level = 100.0 * (1 + 0.5 * (levers.value - 0.03) / 0.09)
        rows = [{"id": n, "units": float(v)} for n, v in zip(NAMES, level, strict=True) if n not in silent]
        return {"stores": rows}

    with serving_document(document) as port:
        plan = loads(CAMPAIGN.format(names=", ".join(NAMES), port=port))
        cells = cells_of(plan)
        loop = assemble(
            plan, sensors=sensors_of(plan, cells), actuators={"win_rate": levers}, draws=Draws(1), store=MemoryStore(),
            gate=SimulatedGate(), cells=cells,
        )  # fmt: skip
        maker, now = TickMaker(cells, 60.0), 1_750_000_200.0
        begin(loop, now, {})
        for _ in range(150):
            now += 60.0
            turn = loop.tick(maker.at(now))
        kept = turn.signals["units"].value
        assert len(asked) == 150
        assert np.abs(kept[1:] - 110.0).max() < 2.0
        assert levers.value[0] == 0.03
        silent.add("store-007")
        for _ in range(20):
            now += 60.0
            turn = loop.tick(maker.at(now))
    latch = turn.signals["units"].latch
    assert latch[7] == Latch.SAFE
    assert (np.delete(latch, 7) == Latch.LIVE).all()
    assert levers.value[7] == 0.03
    assert np.delete(levers.value, [0, 7]).min() > 0.04
