"""metrics_page: a number from a metrics text page, read directly, for those without a metrics server.

`metric` names a metric and labels that its series must have: `units_scanned_total{channel="app"}`. With several
cells, `cell_label` is the label that tells them apart (the campaign's `cells: by` unless set). Several series of
one cell are bad data unless `combine` says what to make of them. A cell without a series is missing; NaN and
infinities are bad data.

The page shows what stands there now, so a sensor of this kind has no settle time. A counter is handed on as it
stands, resets and all, under `counter: true`; with a `window` as well, the loop makes increases over that window
of it. A page seldom says when a value was taken: `time_metric` names the metric that does
(`..._timestamp_seconds`), and without one a frozen value can't be told from a quiet one. `alive:` names a metric
that is above zero while the feed is up. Called by the loop; calls controller.io; never tries again and remembers
nothing.

```yaml
sensors:
  units:
    kind: metrics_page
    url: http://localhost:9102/metrics
    metric: units_scanned_total{channel="app"}
    unit: units/h
    counter: true
    window: 1h
```
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from controller.cells import Cells
from controller.errors import SensorError
from controller.io.access import Access, Site
from controller.io.http import HttpFault
from controller.io.metrics_text import BadPage, Sample, Selector, names_on
from controller.io.numbers import BadValue, finite
from controller.plan import Sensor
from controller.quantities import QuantityError
from controller.sensors._rows import Row, reading_of
from controller.signals import Reading, Tick

Combine = Literal["one", "sum", "highest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Access):
    """Keys of `kind: metrics_page`, beside those of every HTTP member."""

    metric: str
    """A metric, with the labels that its series must have: `name{label="value"}`."""
    cell_label: str | None = None
    """The label that tells cells apart; None: what the campaign's cells are divided `by`."""
    combine: Combine = "one"
    """Several series of a cell: `one` allows a single one; `sum` or `highest` of them otherwise."""
    time_metric: str | None = None
    """A metric whose value is the time of the newest sample in seconds since 1970; None: the page's own, if any."""
    samples_metric: str | None = None
    """A metric whose value is the count of events behind the value; None: not known."""

    def __post_init__(self) -> None:
        Access.__post_init__(self)
        for text in (self.metric, self.time_metric, self.samples_metric):
            if text is not None:
                Selector.parse(text)


class MetricsPageSensor:
    """Reads one page a tick.

    Parameters
    ----------
    declared: unit, window; a settle time is refused, since a page can't be asked about the past.
    settings: address and metric.
    cells: by label.
    site: who speaks HTTP; None: made from the settings.
    """

    def __init__(
        self, declared: Sensor, settings: Settings, cells: Cells, *, site: Site | None = None
    ) -> None:
        if declared.settle:
            raise QuantityError(
                "a page shows what stands there now and can't be asked about the past",
                f"settle: {declared.settle:g} s",
                "no settle time, or kind prometheus",
            )
        self.declared, self.settings, self.cells = declared, settings, cells
        self.site = site or Site(settings)
        self.metric = Selector.parse(settings.metric)
        self.label = settings.cell_label or cells.by

    def read(self, tick: Tick) -> Reading:
        page = self._page()
        try:
            rows = list(self._rows(page))
            alive = self._alive(page)
        except BadPage as fault:
            raise SensorError(self.site.clean(f"{self.site.access.url}: {fault}")) from None
        span = (tick.time - (self.declared.window or 0.0), tick.time)
        return reading_of(
            rows, self.cells, sensor=self.declared.kind, unit=self.declared.unit, span=span, alive=alive
        )

    def asks_for(self) -> tuple[str, ...]:
        """Names of the metrics it reads, for `setpoint check`."""
        texts = (
            self.settings.metric,
            self.settings.time_metric,
            self.settings.samples_metric,
            self.declared.alive,
        )
        return tuple(dict.fromkeys(Selector.parse(text).name for text in texts if text))

    def on_offer(self) -> tuple[str, ...]:
        """Names of the metrics on the page; raises SensorError."""
        return names_on(self._page())

    def _page(self) -> bytes:
        try:
            answer = self.site.send("GET", headers={"Accept": "text/plain;version=0.0.4"})
        except HttpFault as fault:
            raise SensorError(f"{self.site.access.url}: {fault}") from None
        if not answer.ok:
            raise SensorError(f"{self.site.access.url} answered {self.site.excerpt(answer)}; expected 200")
        return answer.body

    def _rows(self, page: bytes) -> Iterator[Row]:
        values, times = self._by_cell(page, self.metric), self._other(page, self.settings.time_metric)
        counts = self._other(page, self.settings.samples_metric)
        for cell, samples in values.items():
            stamps = [sample.at for sample in samples if sample.at is not None]
            at = times.get(cell, times.get(None, max(stamps, default=np.nan)))
            count = counts.get(cell, counts.get(None, np.nan))
            try:
                value = _combined([finite(sample.value) for sample in samples], self.settings.combine)
                yield Row(cell, value, at, count)
            except BadValue as fault:
                yield Row(cell, np.nan, at, count, fault=str(fault))

    def _by_cell(self, page: bytes, selector: Selector) -> dict[str | None, list[Sample]]:
        """Samples by the cell's label; of a single cell all of them, of several those that have the label."""
        groups: dict[str | None, list[Sample]] = defaultdict(list)
        for sample in selector.samples(page):
            groups[sample.labels.get(self.label) if len(self.cells) > 1 else None].append(sample)
        if len(self.cells) > 1 and set(groups) == {None}:
            raise BadPage(f"no series of {selector.name} has the label {self.label!r} that tells cells apart")
        return {cell: found for cell, found in groups.items() if cell is not None or len(self.cells) == 1}

    def _other(self, page: bytes, text: str | None) -> dict[str | None, float]:
        """The largest value of another metric by cell; under None the one that holds for all."""
        found: dict[str | None, float] = {}
        for sample in Selector.parse(text).samples(page) if text else ():
            cell = sample.labels.get(self.label) if len(self.cells) > 1 else None
            if np.isfinite(sample.value):
                found[cell] = max(sample.value, found.get(cell, -np.inf))
        return found

    def _alive(self, page: bytes) -> bool | None:
        if self.declared.alive is None:
            return None
        found = Selector.parse(self.declared.alive).samples(page)
        return bool(found) and all(sample.value > 0 for sample in found)


def _combined(values: list[float], how: Combine) -> float:
    if how == "one" and len(values) > 1:
        raise BadValue(f"{len(values)} series for one cell; name more labels, or set `combine`")
    return sum(values) if how == "sum" else max(values)
