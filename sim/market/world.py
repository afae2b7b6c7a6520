"""What the market of a run is, beside what the campaign's file says of it.

The one thing that scenarios, posterior draws and contested mechanisms make: a scenario changes what happens, a draw
says how strong and how noisy the market is, a mechanism how people answer. Read by sim.market.build, sim.market.market
and sim.market.ports; pure data. Arrays have the shape of the run's cells, so that every cell may live in a world of its
own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from controller.cells import Array, Cells, Ints
from models.twists.base import Twist
from sim.instruments import Drive, Feed
from sim.market.disturbances import Disturbance


class BaseDemand(Protocol):
    """Units an hour that each cell would sell if no lever were turned; see sim.market.demand."""

    @property
    def cells(self) -> Cells: ...

    @property
    def share(self) -> Array:
        """Each cell's share of its pool, shape (cells,)."""
        ...

    def at(self, moment: float) -> Array:
        """Units an hour at a UTC moment, shape (cells,)."""
        ...

    def statement(self) -> str:
        """What is recorded and what is modelled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """Everything that may differ between two markets of one campaign.

    >>> World().effect, World().disturbances
    (1.0, ())
    """

    demand: Callable[[Cells, float, float], BaseDemand] | None = None
    """Base demand from (cells, volume, spread); None: the recorded one of the package."""
    effect: Array | float = 1.0
    """Factor on how sales answer to the levers, shape (cells,)."""
    mechanism: Ints | None = None
    """Index into models.response.mechanisms.MECHANISMS of the lottery's response, shape (cells,); None: the plant's."""
    noise: Mapping[str, Array] = field(default_factory=dict)
    """`sd`, `half_life`, `dispersion`, `growth` and `heterogeneity` of the plant, shape (cells,); what is not named is
    the plant's own. Of `heterogeneity`, which is one for all, the first counts."""
    disturbances: tuple[Disturbance, ...] = ()
    """What happens, when."""
    twists: tuple[Twist, ...] = ()
    """What the market does besides answering."""
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    """Signal of the market -> how it reaches its sensor; `*` stands for every signal not named."""
    drives: Mapping[str, Drive] = field(default_factory=dict)
    """Lever of the market -> how an order lands; `*` stands for every lever not named."""
