"""prometheus: the answer of a PromQL query, as of the newest settled window.

The query is asked for the end of that window, not for now: the latest window always looks low. An aggregate
carries the time it was computed at, whatever the age of the samples behind it: a dead exporter goes on answering
for five minutes, and `increase(...[1h])` for an hour. So the times of the newest samples behind the query are
asked for as well, and those are the reading's times. A value behind which there is no sample at all, as of `... or
vector(0)`, is no data.

With several cells, `cell_label` is the label that tells them apart (the campaign's `cells: by` unless set): one
query reads all of them. A cell that is not in the answer is missing. `alive:` is a second query, true where all it
gives is above zero; it is asked for the window's end and for now, so that neither a dead window nor a dead feed
passes for a quiet one. A counter is handed on as it stands (`counter: true`, no window), resets and all. Called by
the loop; calls controller.io; never tries again and remembers nothing.

```yaml
sensors:
  units:
    kind: prometheus
    url: http://localhost:9090
    query: sum(increase(units_scanned_total[1h]))
    alive: up{job="scans"}
    unit: units/h
    window: 1h
    settle: 5m
```
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np

from controller.cells import Cells
from controller.errors import SensorError
from controller.io.access import Access, Site
from controller.io.http import HttpFault
from controller.io.numbers import BadValue, finite
from controller.io.promql import reads_of
from controller.io.strict_json import BadJson
from controller.plan import Sensor
from controller.sensors._rows import Notes, Row, reading_of
from controller.sensors._windows import settled
from controller.signals import Reading, Tick

LOOK_BACK = 300.0
"""Seconds that the server itself looks back for a sample, unless told otherwise."""
Times = dict[str | None, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Access):
    """Keys of `kind: prometheus`, beside those of every HTTP member; `url` is the server's, without /api."""

    query: str
    """PromQL that gives one number, or one a cell."""
    cell_label: str | None = None
    """The label that tells cells apart; None: what the campaign's cells are divided `by`."""
    time_query: str | None = None
    """PromQL for the time of the newest sample behind the value, seconds since 1970, one or one a cell; None: made
    from the series that the query names."""
    samples_query: str | None = None
    """PromQL for the count of events behind the value, one or one a cell; None: not known."""


class PrometheusSensor:
    """Asks a server of the Prometheus HTTP API.

    Parameters
    ----------
    declared: unit, window, settle time and `alive`.
    settings: address and queries.
    cells: by label.
    site: who speaks HTTP; None: made from the settings.
    """

    def __init__(
        self, declared: Sensor, settings: Settings, cells: Cells, *, site: Site | None = None
    ) -> None:
        self.declared, self.settings, self.cells = declared, settings, cells
        self.site = site or Site(settings)
        self.label = (settings.cell_label or cells.by) if len(cells) > 1 else None
        self.time_queries = self._time_queries()

    def read(self, tick: Tick) -> Reading:
        start, end = settled(self.declared, tick, self.cells)
        notes, warned = Notes(), Notes()
        found = self._ask(self.settings.query, end, warned)
        times = self._oldest([self._numbers(query, end, notes) for query in self.time_queries])
        counts = self._numbers(self.settings.samples_query, end, notes) if self.settings.samples_query else {}
        rows = [self._row(entry, times, counts) for entry in found]
        if warned.texts:
            notes.add(f"the server warns: {warned}")
        return reading_of(
            rows,
            self.cells,
            sensor=self.declared.kind,
            unit=self.declared.unit,
            span=(start, end),
            alive=self._alive(end, tick.time, notes),
            uncertain=bool(warned.texts),
            notes=notes,
        )

    # -- for `setpoint check`, which names the nearest metric of one that is not there -------------------------------

    def asks_for(self) -> tuple[str, ...]:
        """Names of the metrics that its queries read, each once."""
        queries = (self.settings.query, self.declared.alive or "", self.settings.samples_query or "")
        named = (each.partition("{")[0] for query in queries for each in reads_of(query).selectors)
        return tuple(dict.fromkeys(filter(None, named)))

    def on_offer(self) -> tuple[str, ...]:
        """Names of the metrics that the server has; raises SensorError."""
        url = self.site.access.url
        try:
            document = self.site.json(self.site.send("GET", path="/api/v1/label/__name__/values"))
        except (HttpFault, BadJson) as fault:
            raise SensorError(f"{url}: {fault}") from None
        names = document.get("data") if isinstance(document, dict) else None
        if not isinstance(names, list):
            raise SensorError(f"{url} lists no metrics, expected the Prometheus HTTP API")
        return tuple(map(str, names))

    # -- what the answers mean --------------------------------------------------------------------------------------

    def _row(self, entry: tuple[str | None, Any], times: Times, counts: Times) -> Row:
        cell, text = entry
        at, count = (known.get(cell, known.get(None, np.nan)) for known in (times, counts))
        try:
            if not isinstance(text, str):
                raise BadValue("a histogram or nothing stands where a number should")
            value = finite(text)
        except BadValue as fault:
            return Row(cell, np.nan, at, count, fault=str(fault))
        return Row(cell, value, at, count, missing=bool(self.time_queries) and not np.isfinite(at))

    def _time_queries(self) -> tuple[str, ...]:
        """One query a selector: the newest sample at the moment, else the newest within reach of the value's window.

        The server marks the series of a dead exporter as gone, so that `timestamp()` has nothing to say of them;
        the subquery looks further back, in steps that make its answer late by a 500th of that reach at most.
        """
        if self.settings.time_query is not None:
            return (self.settings.time_query,)
        reads = reads_of(self.settings.query)
        reach = max(reads.reach, self.declared.window or 0.0, LOOK_BACK)
        over = f"[{reach:.0f}s:{max(reach / 500, 1.0):.0f}s]"
        by = f"max by ({self.label})" if self.label else "max"
        return tuple(
            f"{by} (timestamp({series})) or {by} (max_over_time(timestamp({series}){over}))"
            for series in reads.selectors
        )

    def _oldest(self, found: list[Times]) -> Times:
        """Per cell the oldest of the newest samples: a value is as old as its oldest ingredient."""
        cells = {cell for times in found for cell in times}
        every = {cell: [times.get(cell, times.get(None, np.nan)) for times in found] for cell in cells}
        return {cell: float(np.min(stamps)) for cell, stamps in every.items()}

    def _numbers(self, query: str, moment: float, notes: Notes) -> Times:
        """A query's finite numbers by cell; under None one that holds for all."""
        numbers: Times = {}
        for cell, text in self._ask(query, moment, notes):
            try:
                numbers[cell] = finite(text)
            except (BadValue, TypeError):
                notes.add(f"{query}: {str(text)[:40]!r} is not a number")
        return numbers

    def _alive(self, end: float, now: float, notes: Notes) -> bool | None:
        if self.declared.alive is None:
            return None
        for moment in sorted({end, now}):
            values = self._ask(self.declared.alive, moment, notes)
            if not values or not all(isinstance(text, str) and _above_zero(text) for _, text in values):
                return False
        return True

    # -- asking -----------------------------------------------------------------------------------------------------

    def _ask(self, query: str, moment: float, notes: Notes) -> list[tuple[str | None, Any]]:
        """Cell and value, as the API writes it, of each series; raises SensorError."""
        data = self._answer(query, moment, notes)
        kind, result = data.get("resultType"), data.get("result")
        if kind == "scalar" and isinstance(result, list) and len(result) == 2:
            return [(None, result[1])]
        if kind != "vector" or not isinstance(result, list):
            raise SensorError(f"{query!r} gives a {kind}, expected one number a series (an instant vector)")
        return list(self._series(query, result))

    def _series(self, query: str, result: list[Any]) -> Iterator[tuple[str | None, Any]]:
        for series in result:
            if not isinstance(series, dict) or not isinstance(series.get("metric"), dict):
                raise SensorError(f"{query!r}: a series of the answer is not in the API's form")
            pair = series.get("value")
            value = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
            yield (series["metric"].get(self.label) if self.label else None), value

    def _answer(self, query: str, moment: float, notes: Notes) -> dict[str, Any]:
        form = {"query": query, "time": f"{moment:.3f}", "timeout": f"{self.settings.timeout:g}s"}
        url = self.site.access.url
        try:
            answer = self.site.send(
                "POST",
                path="/api/v1/query",
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode(form).encode(),
            )
            document = self.site.json(answer)
        except HttpFault as fault:
            raise SensorError(f"{url}: {fault}") from None
        except BadJson as fault:
            text = f"{url} answered {answer.status}, {fault}; expected the Prometheus HTTP API"
            raise SensorError(text) from None
        if not isinstance(document, dict) or document.get("status") not in ("success", "error"):
            raise SensorError(f"{url} answered {self.site.excerpt(answer)}; expected the Prometheus HTTP API")
        if document["status"] == "error" or not answer.ok or not isinstance(document.get("data"), dict):
            why = f"{document.get('errorType', 'error')}: {document.get('error', 'no reason given')}"
            raise SensorError(self.site.clean(f"{url} refused {query!r} with {answer.status}, {why}"))
        for warning in document.get("warnings") or ():
            notes.add(self.site.clean(str(warning)[:200]))
        data: dict[str, Any] = document["data"]
        return data


def _above_zero(text: str) -> bool:
    try:
        return finite(text) > 0
    except BadValue:
        return False
