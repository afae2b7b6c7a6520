"""Which series a PromQL query reads: its selectors, without ranges, offsets and functions.

Called by the prometheus sensor, which asks for the timestamps of those series: the time of an aggregate is the time
it was computed at and says nothing of the samples behind it. Knows the tokens of the language, not its grammar; the
server judges that.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
      | (?P<braces>\{(?:[^}"'`]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})
      | (?P<brackets>\[[^\]]*\])
      | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|[a-z0-9]*))
      | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_LISTS = frozenset("by without on ignoring group_left group_right".split())
"""Words that a list of labels in parentheses may follow."""
_WORDS = _LISTS | frozenset("and or unless atan2 offset bool inf nan".split())
_AGGREGATORS = frozenset(
    "sum min max avg group stddev stdvar count count_values bottomk topk quantile limitk limit_ratio".split()
)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}


class Token(NamedTuple):
    """A kind of the table above, and the text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Reads:
    """What a query reads.

    >>> reads_of('sum by (store) (increase(sold_total{app="x"}[1h])) / on (store) open_hours offset 1d')
    Reads(selectors=('sold_total{app="x"}', 'open_hours'), reach=3600.0)
    """

    selectors: tuple[str, ...]
    reach: float
    """Longest range in brackets, seconds; 0 where there is none."""


def reads_of(query: str) -> Reads:
    """The selectors of a query, each once, in order, and how far back its ranges reach."""
    tokens = [token for token in _tokens(query) if token.kind != "skip"]
    ranges = [
        _seconds(token.text.strip("[]").partition(":")[0]) for token in tokens if token.kind == "brackets"
    ]
    return Reads(tuple(dict.fromkeys(_selectors(tokens))), max(ranges, default=0.0))


def _tokens(query: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(query):
        yield Token(str(match.lastgroup), match[0])


def _selectors(tokens: Sequence[Token]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else Token("end", "")
        if token.kind == "name" and token.text.lower() in _LISTS and following.text == "(":
            at = next((i for i in range(at, len(tokens)) if tokens[i].text == ")"), len(tokens))
        elif token.kind == "name" and _is_metric(token.text, following):
            matched = following.text if following.kind == "braces" else ""
            at += bool(matched)
            yield token.text + matched
        elif token.kind == "braces":
            yield token.text
        at += 1


def _is_metric(name: str, following: Token) -> bool:
    if following.text == "(" or name.lower() in _WORDS:
        return False
    return not (name.lower() in _AGGREGATORS and following.text.lower() in ("by", "without"))


def _seconds(text: str) -> float:
    """Seconds of `1h30m`.

    >>> _seconds("1h30m")
    5400.0
    """
    return sum(float(count) * _SECONDS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", text))
