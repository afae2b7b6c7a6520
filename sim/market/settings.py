"""The `market:` block of a campaign: which plant, how large, how it reports; its keys, read strictly.

Called by sim.market.build; calls the config's typed reader, so that errors speak as those of the rest of the file.
"""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, Literal

import models.plants
from controller.cells import Array
from controller.config.document import Fault
from controller.config.typed import typed
from controller.errors import SetpointError, UnknownKind
from controller.plan import Market as MarketPlan
from controller.quantities import Duration, Money, Period, Range, Share
from models.plants.base import Knobs, Plant
from sim.market.demand import Base
from sim.market.market import Timing
from sim.market.recorded import soft_drinks

RECORDED_VOLUME = 80.0
"""Times the package's recorded households, where the file does not say how many."""
_NO_KINDS = {"base"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `market:` beside kind, signals and levers."""

    volume: Annotated[float, Range(0.01, 1e6)] | None = None
    """How many times the recorded sample the market has; None: 80 of the package's households, which makes about 20,000
    units a day, and a fitted market as it is."""
    base: Base = "days"
    """What of the record is kept: the level of each `days`, the `hours` as they are, or the mean `week` alone."""
    recorded_at: Literal["off", "start"] = "off"
    """Where the levers stood when demand was recorded: `off`, or at their `start` values."""
    spread: Annotated[float, Range(0, 3)] = 0.0
    """Standard deviation of the log size of cells; 0: all alike."""
    people: Annotated[float, Range(1, 1e9)] = 100_000.0
    """Whom the campaign could reach."""
    step: Period = 600.0
    """Step of the market; divides an hour."""
    effect: Annotated[float, Range(0, 10)] = 1.0
    """Factor on how sales answer to the levers; 0: not at all."""
    delay: Duration | None = None
    """Dead time of the levers; None: the plant's own."""
    prize: Money | None = None
    """Cost of a prize; None: the plant's own, in the campaign's currency."""
    disturbance: Annotated[float, Range(0, 1)] | None = None
    """Standard deviation of the log disturbance; None: the plant's own."""
    paid_lag: Duration = 3600.0
    """By how much the ledger shows late what was paid."""
    late_share: Share = 0.0
    """Share of the counts that comes in late."""
    late_by: Duration = 0.0
    """How late."""

    fidelity: Literal["counts", "agents"] = "counts"
    """For `kind: consumers`: whether consumers are counted by segments or act one by one."""
    compiled: bool = False
    """For `kind: consumers`, agents: compiled loops, which need `pip install 'setpoint[fast]'`; same log, faster."""
    segments: Annotated[int, Range(1, 1000)] = 4
    """For `kind: consumers`, counted: how many segments of purchase rate."""
    heterogeneity: Annotated[float, Range(0.01, 1000)] | None = None
    """For `kind: consumers`: shape of the gamma law of purchase rates; None: the recorded one."""

    def times(self, fitted: bool = False) -> float:
        """How many times the recorded sample, fitted or the package's own, the market has."""
        return (1.0 if fitted else RECORDED_VOLUME) if self.volume is None else self.volume

    def knobs(self, noise: Mapping[str, Array] | None = None) -> Knobs:
        """What concerns the plant; `noise` (see World) goes before the file's own."""
        told = noise or {}
        table = soft_drinks()
        prize = None if self.prize is None else self.prize.amount
        return Knobs(
            effect=self.effect,
            delay=self.delay,
            prize=prize,
            dispersion=told.get("dispersion", table.dispersion()),
            baskets_a_unit=table.baskets_a_unit(),
            sd=told.get("sd", self.disturbance),
            half_life=told.get("half_life"),
            growth=told.get("growth", 0.0),
            fidelity=self.fidelity,
            compiled=self.compiled,
            segments=self.segments,
            heterogeneity=self._heterogeneity(told),
        )

    def _heterogeneity(self, told: Mapping[str, Array]) -> float | None:
        """That of the file, else the fitted one, which is the same for every cell."""
        if self.heterogeneity is not None or "heterogeneity" not in told:
            return self.heterogeneity
        return float(told["heterogeneity"][0])

    def timing(self, keep: float) -> Timing:
        """What concerns time; `keep` seconds can be read back."""
        return Timing(
            step=self.step,
            paid_lag=self.paid_lag,
            late_share=self.late_share,
            late_by=self.late_by,
            keep=keep,
        )


def kinds() -> tuple[str, ...]:
    """The kinds of market on disk: the plants.

    >>> kinds()
    ('campaign', 'cap_lottery', 'consumers', 'coupon_value', 'push_frequency')
    """
    found = pkgutil.iter_modules(models.plants.__path__)
    return tuple(sorted(m.name for m in found if not m.ispkg and m.name not in _NO_KINDS))


def plant_of(plan: MarketPlan, settings: Settings, noise: Mapping[str, Array] | None = None) -> Plant:
    """The plant that a campaign asks for; raises UnknownKind."""
    if plan.kind not in kinds():
        raise UnknownKind("market", plan.kind, kinds())
    plant: Plant = import_module(f"models.plants.{plan.kind}").build(settings.knobs(noise))
    return plant


def settings_of(plan: MarketPlan) -> Settings:
    """The market's own keys; raises SetpointError with every fault."""
    faults: list[Fault] = []
    settings: Any = typed(Settings, plan.settings, ("market",), faults)
    if faults:
        raise SetpointError("\n".join(f"{'.'.join(map(str, f.path))}: {f.text}" for f in faults))
    assert isinstance(settings, Settings)
    return settings
