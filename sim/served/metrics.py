"""GET /metrics: the market as an exporter shows it, for a Prometheus that scrapes it or a sensor that reads the page.

    units_scanned_total, prize_paid_cny_total       counters: counts and money, since the market's start
    prize_owed_cny                                  gauges: levels
    market_lever, market_feed_up, market_...        what is in force, which feeds are up, and the market's clock

With several cells each series has a label, named after what a cell is. Samples carry no time of their own, as those of
any exporter; `market_last_step_timestamp_seconds` is when the market last counted, by the wall. A signal whose feed is
dead is not on the page, nor is a cell of it whose own source is. Called by the app; calls prometheus_client.
"""

import re
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from controller.cells import Array, Bools
from sim.served.backend import Served


class Page(Collector):
    """Renders a served market; the same objects serve each scrape."""

    def __init__(self, served: Served) -> None:
        self.served = served
        cells = served.market.cells
        self.label = [word(cells.by)] if len(cells) > 1 else []
        self.rows = [[label] if self.label else [] for label in cells.label_of]
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def render(self) -> bytes:
        """The page as text."""
        return generate_latest(self.registry)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: what is on the page depends on which feeds are up."""
        return ()

    def collect(self) -> Iterator[Metric]:
        served, market = self.served, self.served.market
        down = served.down()
        for name, signal in market.signals.items():
            if name in down:
                continue
            text = f"{signal.what}, {served.unit_of(name)}"
            values = market.total(name, market.now)[0]
            yield self._family(metric_of(served, name), text, values, served.heard(name))
        yield self._levers()
        up = GaugeMetricFamily("market_feed_up", "1 where a signal can be read", labels=["signal"])
        for name in market.signals:
            up.add_metric([name], float(name not in down))
        yield up
        yield from self._clock()

    def _family(self, name: str, text: str, values: Array, heard: Bools) -> Metric:
        kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        family = kind(name.removesuffix("_total"), text, labels=self.label)
        for row, value, told in zip(self.rows, values.tolist(), heard.tolist(), strict=True):
            if told:
                family.add_metric(row, value)
        return family

    def _levers(self) -> Metric:
        market = self.served.market
        family = GaugeMetricFamily("market_lever", "value in force", labels=["lever", *self.label])
        for name, lever in market.levers.items():
            values = lever.offered(market.now).tolist()
            for row, value in zip(self.rows, values, strict=True):
                family.add_metric([name, *row], value)
        return family

    def _clock(self) -> Iterator[Metric]:
        market, pace = self.served.market, self.served.pace
        yield GaugeMetricFamily(
            "market_last_step_timestamp_seconds",
            "When the market last counted, by the wall",
            value=pace.to_wall(market.time),
        )
        yield GaugeMetricFamily("market_time_seconds", "The market's own clock, UTC", value=market.now)
        yield GaugeMetricFamily("market_speed", "Seconds of market time in one of the wall", value=pace.speed)


def metric_of(served: Served, signal: str) -> str:
    """The name of a signal's metric; money is named in the singular and with its currency: prize_paid_cny_total."""
    name = signal
    if signal in served.money:
        noun, _, rest = signal.partition("_")
        currency = served.money[signal].lower()
        name = f"{noun.removesuffix('s')}_{rest}" + ("" if currency == "money" else f"_{currency}")
    return f"{word(name)}_total" if signal in served.market.counted else word(name)


def word(text: str) -> str:
    """A text as a metric or label may be called.

    >>> word("store-group 1"), word("1st")
    ('store_group_1', '_1st')
    """
    plain = re.sub(r"\W", "_", text, flags=re.ASCII)
    return f"_{plain}" if plain[:1].isdigit() else plain
