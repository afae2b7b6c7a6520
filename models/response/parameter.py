"""A number of a response equation with where it comes from.

Used by every file of this folder and by the plants for their defaults; calls nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """A default with its range and source.

    Parameters
    ----------
    value: the default, in `unit`.
    low, high: the range over which a policy should be judged, same unit.
    source: what the number rests on; `proposal` where it is a judgement without a source.
    contested: True where published findings disagree, so that no single value may be trusted.

    >>> Parameter(2.0, 1.0, 3.0, "h", "proposal").holds(2.5)
    True
    """

    value: float
    low: float
    high: float
    unit: str
    source: str
    contested: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"a default must lie in its own range, received {self.value} outside [{self.low}, {self.high}]"
            )

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range."""
        return self.low <= value <= self.high
