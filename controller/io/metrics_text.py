"""Metrics pages: the text format that exporters serve, and selectors of series on it.

Called by metrics_page; calls prometheus_client's parser, imported late. A sample's value stays what the page says,
NaN and infinities too: whoever asks for a number judges it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.quantities import QuantityError

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')


class BadPage(ValueError):
    """The page can't be read as metrics text."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a page."""

    labels: Mapping[str, str]
    value: float
    at: float | None
    """UTC seconds, where the page gives the sample a time of its own."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric and labels that a series must have.

    >>> selector = Selector.parse('sold_total{channel="app"}')
    >>> page = b'sold_total{channel="app",store="a"} 7' + bytes([10]) + b'sold_total{channel="web"} 9' + bytes([10])
    >>> [sample.value for sample in selector.samples(page)]
    [7.0]
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Selector":
        """Read `name` or `name{label="value", ...}`; raises QuantityError."""
        match = re.fullmatch(rf"\s*({_NAME})\s*(?:\{{(.*)\}})?\s*", text, re.DOTALL)
        labels, inside, at = {}, (match[2] or "").rstrip() if match else "", 0
        while match and at < len(inside):
            matcher = _MATCHER.match(inside, at)
            if matcher is None:
                match = None
                break
            labels[matcher[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], matcher[2])
            at = matcher.end()
        if match is None:
            raise QuantityError("not a metric", text, 'a name, or name{label="value", other="value"}')
        return cls(match[1], labels)

    def samples(self, page: bytes) -> list[Sample]:
        """The page's samples of this metric with these labels; raises BadPage."""
        from prometheus_client.parser import text_string_to_metric_families

        try:
            families = list(text_string_to_metric_families(self._lines(page)))
        except (ValueError, IndexError, KeyError, TypeError) as fault:
            raise BadPage(f"a line of {self.name} is not metrics text: {fault}") from None
        found = [sample for family in families for sample in family.samples]
        return [
            Sample(
                sample.labels,
                float(sample.value),
                None if sample.timestamp is None else float(sample.timestamp),
            )
            for sample in found
            if self.labels.items() <= sample.labels.items()
        ]

    def _lines(self, page: bytes) -> str:
        """The lines of this metric alone, so that a bad line elsewhere is no business of ours."""
        try:
            text = page.decode("utf-8")
        except UnicodeDecodeError as fault:
            raise BadPage(f"not UTF-8 at byte {fault.start}") from None
        if text and not text.endswith("\n"):
            raise BadPage("the page ends in the middle of a line")
        mine = re.compile(rf"{re.escape(self.name)}(?![a-zA-Z0-9_:])")
        return "\n".join(line for line in text.split("\n") if mine.match(line)) + "\n"


def names_on(page: bytes) -> tuple[str, ...]:
    """Names of all metrics on a page, each once, in its order.

    >>> names_on(b"# HELP sold_total Units." + bytes([10]) + b'sold_total{channel="app"} 7' + bytes([10]))
    ('sold_total',)
    """
    found = re.findall(rf"^({_NAME})(?=[{{ \t])", page.decode("utf-8", "replace"), re.MULTILINE)
    return tuple(dict.fromkeys(found))
