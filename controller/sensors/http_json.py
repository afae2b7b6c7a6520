"""http_json: numbers out of a JSON document that some system serves, one or many cells from one request.

`value_path` says where the value stands: names joined by dots, `[3]` an entry of a list, `[*]` all of them, `.*`
all values of an object, `['a.b']` a name with other characters. With several cells, `cell_path` says where each
cell's name stands, star for star beside the value; without it, the keys of the object that the last star runs over
are the names. What stands before the first star must be there, else the document is not the one that was meant and
there is no reading. A cell that is not in the document is missing; null, true, text, NaN or 1e999 where its number
should stand is bad data.

`time_path` is the source's own time of the sample. Without it nobody can tell a frozen source from a quiet one:
name it wherever the source has it. In the address, `{from}` and `{to}` stand for the newest settled window in ISO
form, `{from_s}` and `{to_s}` for the same in seconds. Without them the answer is taken as of the time it carries,
or of the tick.

`alive:` is a path in the same document; true, a number above zero, or the text after `=` (`feed.state = up`) means
that the feed is up. Called by the loop; calls controller.io; never tries again and remembers nothing.

```yaml
sensors:
  units:
    kind: http_json
    url: https://pos.example/api/units?from={from}&to={to}
    token: ${env:POS_TOKEN}
    value_path: stores[*].units
    cell_path: stores[*].id
    time_path: as_of
    unit: units/h
    window: 1h
    settle: 10m
```
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from controller.cells import Cells
from controller.clock import iso
from controller.errors import SensorError
from controller.io.access import Access, Site
from controller.io.http import HttpFault
from controller.io.moments import TimeForm, moment_of
from controller.io.numbers import BadValue
from controller.io.paths import Index, JsonPath, Mark, NotThere
from controller.io.strict_json import BadJson, number_of
from controller.plan import Sensor
from controller.quantities import QuantityError
from controller.sensors._rows import Row, reading_of
from controller.sensors._windows import settled
from controller.signals import Reading, Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Access):
    """Keys of `kind: http_json`, beside those of every HTTP member."""

    value_path: str
    """Where the value stands."""
    cell_path: str | None = None
    """Where the cell's name stands; None: the keys of the object that the star runs over, or a single cell."""
    time_path: str | None = None
    """Where the sample's own time stands, per cell or once for all; None: the source does not say."""
    time_form: TimeForm = "iso"
    """iso (2026-06-01T08:00:00Z), seconds or milliseconds since 1970."""
    timezone: str | None = None
    """IANA zone of ISO times that name no offset; None: such times are refused."""
    samples_path: str | None = None
    """Where the count of events behind the value stands; None: the source does not say."""
    text_numbers: bool = False
    """Take numbers written as text ("12.50"), as ledgers do with money."""

    def __post_init__(self) -> None:
        Access.__post_init__(self)
        for text in (self.value_path, self.cell_path, self.time_path, self.samples_path):
            if text is not None:
                JsonPath.parse(text)


class HttpJsonSensor:
    """Reads one document a tick.

    Parameters
    ----------
    declared: unit, window and settle time.
    settings: address and paths.
    cells: by label.
    site: who speaks HTTP; None: made from the settings.
    """

    def __init__(
        self, declared: Sensor, settings: Settings, cells: Cells, *, site: Site | None = None
    ) -> None:
        self.declared, self.settings, self.cells = declared, settings, cells
        self.site = site or Site(settings)
        self.value = JsonPath.parse(settings.value_path)
        self.cell, self.time, self.samples = (
            JsonPath.parse(text) if text else None
            for text in (settings.cell_path, settings.time_path, settings.samples_path)
        )
        if len(cells) > 1 and not self.value.stars:
            raise QuantityError(
                f"{len(cells)} cells are read from a single value",
                settings.value_path,
                "a star where the cells stand, such as stores[*].units",
            )

    def read(self, tick: Tick) -> Reading:
        start, end = settled(self.declared, tick, self.cells)
        document = self._document(start, end)
        try:
            rows = list(self._rows(document))
            alive = _is_alive(document, self.declared.alive)
        except NotThere as fault:
            raise SensorError(self.site.clean(f"{self.site.access.url}: {fault} in the document")) from None
        span = self._span(rows, start, end, tick.time)
        return reading_of(
            rows, self.cells, sensor=self.declared.kind, unit=self.declared.unit, span=span, alive=alive
        )

    def _document(self, start: float, end: float) -> Any:
        fill = {"from": iso(start), "to": iso(end), "from_s": f"{start:.0f}", "to_s": f"{end:.0f}"}
        try:
            answer = self.site.send("GET", fill=fill, headers={"Accept": "application/json"})
            if not answer.ok:
                raise SensorError(
                    f"{self.site.access.url} answered {self.site.excerpt(answer)}; expected 200"
                )
            return self.site.json(answer)
        except (HttpFault, BadJson) as fault:
            raise SensorError(f"{self.site.access.url}: {fault}") from None

    def _span(self, rows: list[Row], start: float, end: float, now: float) -> tuple[float, float]:
        """The window that was asked for; where the source can't be asked, the one that ends at its newest sample."""
        if "{to" in self.settings.url.text:
            return start, end
        stamps = [row.at for row in rows if np.isfinite(row.at)]
        last = min(max(stamps), now) if stamps else now
        return last - (self.declared.window or 0.0), last

    def _rows(self, document: Any) -> Iterator[Row]:
        names = dict(self.cell.find(document)) if self.cell else {}
        times, counts = _beside(self.time, document), _beside(self.samples, document)
        for index, value in self.value.find(document):
            name = names.get(index, Mark.ABSENT) if self.cell else _key(index)
            if self.cell and not isinstance(name, str | int):
                continue
            yield self._row(None if name is None else str(name), value, times(index), counts(index))

    def _row(self, name: str | None, value: Any, time: Any, count: Any) -> Row:
        at = samples = np.nan
        try:
            if self.time and time is Mark.ABSENT:
                raise BadValue(f"the row has no time at {self.time.text!r}")
            if self.time:
                at = moment_of(time, self.settings.time_form, self.settings.timezone)
            if count is not Mark.ABSENT:
                samples = number_of(count)
            if value is Mark.ABSENT:
                raise BadValue(f"the row has nothing at {self.settings.value_path!r}")
            return Row(name, number_of(value, text=self.settings.text_numbers), at, samples)
        except BadValue as fault:
            return Row(name, np.nan, at, samples, fault=self.site.clean(str(fault)))


def _beside(path: JsonPath | None, document: Any) -> Callable[[Index], Any]:
    """What stands beside a value, star for star, or once for all where the path has no star."""
    found, stars = (dict(path.find(document)), path.stars) if path else ({}, 0)
    return lambda index: found.get(index[:stars], Mark.ABSENT)


def _key(index: Index) -> str | None:
    """The object's key under the last star: the cell's name where no path says it."""
    return str(index[-1]) if index else None


def _is_alive(document: Any, text: str | None) -> bool | None:
    if text is None:
        return None
    path, equals, wanted = text.partition("=")
    found = [value for _, value in JsonPath.parse(path.strip()).find(document)]
    if equals:
        return bool(found) and all(str(value) == wanted.strip() for value in found)
    up = [value is True or (isinstance(value, int | float) and value > 0) for value in found]
    return bool(up) and all(up)
