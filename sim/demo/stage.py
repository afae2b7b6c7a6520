"""The demo's two worlds: the campaign under control, and its grey twin with the same luck and the win-rate fixed.

Called by the performance; calls the runner, the alarm book and the teller. What it shows of a moment is a `Scene`;
what it makes of the whole is a `Score`.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from controller.alarms.alarm import Event, Happening
from controller.alarms.book import AlarmBook
from controller.cells import Bools
from controller.life import keep
from controller.loop.turn import Turn
from controller.plan import Campaign, Policy
from controller.ports import Store
from controller.registry import find
from controller.signals import Latch, Verdict
from controller.store import MemoryStore
from controller.telemetry import Telemetry
from controller.why import Names, Teller
from sim.demo.story import DAY, HOUR, LENGTH, MORNING, WARM_UP, disturbances, news
from sim.market.settings import settings_of
from sim.runs.runner import Run, Running, first_moment, start
from sim.runs.scoring import Aim, aim_of, deviation


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of the day."""

    time: float
    share: float
    """Sales as a share of the target, by the loop's own sensor; NaN while it is not believed."""
    twin: float
    output: float
    state: str
    """`live`, `hold` or `safe`."""
    spent: float
    spent_twin: float
    news: tuple[str, ...] = ()
    why: str = ""
    """Why the win-rate moved, where it did."""
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The day, with and without control."""

    hours: int
    inside: int
    inside_twin: int
    spent: float
    spent_twin: float
    smallest: float
    largest: float
    moves: int

    @property
    def helped(self) -> bool:
        """True where control kept more hours in the band than leaving the win-rate alone."""
        return self.inside > self.inside_twin


@dataclass(eq=False)
class Stage:
    """Both worlds, moved together."""

    campaign: Campaign
    store: Store
    seed: int = 1
    book: AlarmBook = field(default_factory=AlarmBook)
    scenes: list[Scene] = field(default_factory=list)
    _paid: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        self.opens = first_moment(self.campaign)
        self.live = self.opens + WARM_UP + MORNING
        self.loop_name, loop = next(iter(self.campaign.loops.items()))
        self.sensor, self.channel = loop.sensor, loop.channels[0]
        assert self.campaign.market is not None
        self.signal = self.campaign.market.signals[self.sensor]
        self.lever = self.campaign.market.levers[self.channel]
        paid = self.campaign.budgets[loop.pays_from].paid if loop.pays_from else None
        self.money = self.campaign.market.signals[paid] if paid else ""
        self.ours = self._world(self.campaign, self.store)
        self.twin = self._world(fixed(self.campaign), MemoryStore())
        self.aim: Aim = aim_of(self.campaign, self.loop_name, self.ours.loop.parts.cells.label_of, True)
        self.teller: Teller | None = None
        self.last: Turn | None = None
        parts = self.ours.loop.parts
        channels = {name: dispatcher.channel for name, dispatcher in parts.dispatchers.items()}
        self.telemetry = Telemetry(
            parts.campaign, parts.cells.names, channels, scan=self.campaign.runs.scan, alarms=self.book.alarms
        )

    def _world(self, campaign: Campaign, store: Store) -> Running:
        events = disturbances(self.live)
        run = Run(
            campaign=campaign, seconds=400 * DAY, seed=self.seed, disturbances=events, store=store, note=self.note
        )  # fmt: skip
        return start(run)

    def warm_up(self) -> None:
        """Two weeks in silence; their turns are in the journal, batched."""
        start_row = self.store.last("start")
        assert start_row is not None
        self.teller = Teller(Names.of(start_row.data))
        while self.ours.now < self.live:
            turn, _ = self._turns()
            self.teller.tell(turn)
            self.book.take(turn.conditions, turn.tick.time)
        keep(self.ours.loop, turn.number)
        self._paid = self._spent()

    def step(self) -> Scene:
        """One more turn of both worlds."""
        assert self.teller is not None
        before = self.ours.now
        turn, other = self._turns()
        keep(self.ours.loop, turn.number)
        told = self.teller.tell(turn)
        events = self.book.take(turn.conditions, turn.tick.time)
        here, there = self._spent()
        scene = Scene(
            time=turn.tick.time,
            share=self._share(turn),
            twin=self._share(other),
            output=float(turn.outputs[self.channel].applied[0]),
            state=Latch(int(turn.signals[self.sensor].latch[0])).name.lower(),
            spent=here - self._paid[0],
            spent_twin=there - self._paid[1],
            news=tuple(news(before, turn.tick.time, self.live)),
            why=next((one.sentence for one in told if one.moved), ""),
            alarms=tuple(_said(e) for e in events if e.send and e.kind != Happening.REPEATED),
        )
        self.scenes.append(scene)
        return scene

    def _turns(self) -> tuple[Turn, Turn]:
        ours, twin = self.ours.turn(), self.twin.turn()
        assert ours is not None
        assert twin is not None
        self.last = ours
        self.telemetry(ours)
        return ours, twin

    def _share(self, turn: Turn) -> float:
        """The newest sample as a share of the target; NaN where this tick brought none."""
        signal, setpoint = turn.signals[self.sensor], turn.setpoints[self.loop_name]
        if signal.verdict[0] != Verdict.OK or setpoint[0] <= 0:
            return float("nan")
        return float(signal.value[0] / setpoint[0])

    def _spent(self) -> tuple[float, float]:
        def paid(world: Running) -> float:
            if not self.money:
                return 0.0
            return float(np.sum(world.simulated.market.total(self.money, world.now)[0]))

        return paid(self.ours), paid(self.twin)

    @property
    def note(self) -> str:
        """What is real about it: nothing; and what is recorded."""
        assert self.campaign.market is not None
        volume = settings_of(self.campaign.market).times()
        return f"a simulated market on recorded soft-drink demand, scale {volume:g}; nothing real is touched"

    @property
    def over(self) -> bool:
        """True when the day has been shown."""
        return self.ours.now >= self.live + LENGTH * HOUR - 1.0

    def score(self) -> Score:
        """The hours shown so far, by the market's truth and not by what a sensor said of it."""
        hours = round((self.ours.now - self.live) / HOUR)
        inside = [int(self._inside(world)[-hours:].sum()) if hours else 0 for world in (self.ours, self.twin)]
        outputs = np.array([scene.output for scene in self.scenes] or [np.nan])
        last = self.scenes[-1] if self.scenes else None
        return Score(
            hours, inside[0], inside[1], last.spent if last else 0.0, last.spent_twin if last else 0.0,
            float(outputs.min()), float(outputs.max()), int((np.abs(np.diff(outputs)) > 1e-9).sum()),
        )  # fmt: skip

    def _inside(self, world: Running) -> Bools:
        found = deviation(self.aim, world.trace.hourly(self.signal), world.trace.hour_of_week())
        inside: Bools = found.inside[:, 0]
        return inside


def _said(event: Event) -> str:
    """An alarm as the demo tells it."""
    about = f"{event.alarm.code} of {event.alarm.subject}".replace("_", " ")
    return f"alarm: {event.alarm.text}" if event.kind == Happening.RAISED else f"alarm over: {about}"


def fixed(campaign: Campaign) -> Campaign:
    """The same campaign with every output left at its start value."""
    still = Policy(kind="fixed", settings=find("policy", "fixed").settings())
    return replace(
        campaign, loops={name: replace(loop, policy=still) for name, loop in campaign.loops.items()}
    )
